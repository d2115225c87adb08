import { AppShell, Box, Burger, Button, Group, NavLink, ScrollArea, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { LogOut } from 'lucide-react'
import { type MouseEvent, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Outlet, useLocation, useNavigate } from 'react-router'
import { leaveSession, useSignedIn } from '../api/session.ts'
import { administrationOf, type Entry, own } from '../navigation.ts'
import { Choices } from './choices.tsx'
import { ErrorNote } from './error-note.tsx'
import { Mark } from './mark.tsx'
import { ProtectNotice } from './protect-notice.tsx'
import classes from './shell.module.css'
import { Waiting } from './waiting.tsx'

function Entries({ title, entries, onGone }: { title: string; entries: readonly Entry[]; onGone(): void }) {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const longest = entries
    .filter(({ to }) => pathname === to || pathname.startsWith(`${to}/`))
    .toSorted((a, b) => b.to.length - a.to.length)[0]
  return (
    <Box mb="md">
      <Text size="xs" fw={700} c="dimmed" tt="uppercase" px="sm" mb={4}>
        {title}
      </Text>
      {entries.map(({ to, label, Icon }) => (
        <NavLink
          key={to}
          component={Link}
          to={to}
          label={t(label)}
          leftSection={<Icon aria-hidden size={18} />}
          active={to === longest?.to}
          aria-current={to === longest?.to ? 'page' : undefined}
          onClick={onGone}
          className={classes.entry ?? ''}
        />
      ))}
    </Box>
  )
}

/** The frame of what is done by who is signed in: where one can go, at the side, or behind a button where it is narrow. */
export function Shell() {
  const { t } = useTranslation()
  const session = useSignedIn()
  const navigate = useNavigate()
  const [isOpen, { toggle, close }] = useDisclosure()
  const [error, setError] = useState<unknown>(null)
  const administration = administrationOf(session)
  // By hand: a fragment alone would lead to the base of the pages, not to this one.
  const skip = (event: MouseEvent) => {
    event.preventDefault()
    document.getElementById('content')?.focus()
  }
  const signOut = async () => {
    setError(null)
    try {
      await leaveSession()
      navigate('/sign-in')
    } catch (error) {
      // Whoever leaves the room must not believe that he is signed out.
      setError(error)
    }
  }
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 250, breakpoint: 'md', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      {/* biome-ignore lint/a11y/useValidAnchor: it is the way to another part of the page */}
      <a href="#content" className={classes.skip} onClick={skip}>
        {t('skipToContent')}
      </a>
      <AppShell.Header bg="var(--card)">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="xs">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={isOpen ? t('closeMenu') : t('menu')}
              aria-expanded={isOpen}
            />
            <Mark />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Choices />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar bg="var(--card)" aria-label={t('navigation')}>
        <AppShell.Section grow component={ScrollArea} p="sm">
          <Entries title={t('nav.own')} entries={own} onGone={close} />
          {administration.length > 0 ? (
            <Entries title={t('nav.administration')} entries={administration} onGone={close} />
          ) : null}
        </AppShell.Section>
        <AppShell.Section p="sm" className={classes.foot ?? ''}>
          <Text size="sm" c="dimmed" px="sm" mb="xs" truncate title={session.account.address}>
            {session.account.address}
          </Text>
          <Button
            variant="subtle"
            color="gray"
            fullWidth
            justify="flex-start"
            leftSection={<LogOut aria-hidden size={18} />}
            onClick={signOut}
          >
            {t('signOut')}
          </Button>
          <ErrorNote error={error} mt="xs" />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main ?? ''}>
        <Box maw="70rem" mx="auto">
          <Suspense fallback={<Waiting />}>
            <ProtectNotice />
            <Outlet />
          </Suspense>
        </Box>
      </AppShell.Main>
    </AppShell>
  )
}
