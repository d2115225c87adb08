import { Box, Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'

interface PageProps {
  title: string
  /** one sentence on what this page is for */
  lead?: ReactNode
  /** the way back, above the title */
  back?: ReactNode
  /** what can be done with all of it, beside the title */
  actions?: ReactNode
  children?: ReactNode
}

/**
 * A place: its title in the window too, and the focus on it, so that keyboards and screen readers begin where the eyes
 * do when somebody comes here from another place.
 */
export function Page({ title, lead, back, actions, children }: PageProps) {
  const { t } = useTranslation()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} – ${t('product')}`
  }, [title, t])
  useEffect(() => {
    // Not on the first page of all: there the browser decides.
    if (history.state?.idx > 0) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box flex="1 1 16rem">
          {back ? <Box mb="xs">{back}</Box> : null}
          <Title order={1} tabIndex={-1} ref={heading} style={{ outline: 'none' }}>
            {title}
          </Title>
          {lead ? (
            <Text c="dimmed" mt={4} maw="44rem">
              {lead}
            </Text>
          ) : null}
        </Box>
        {actions}
      </Group>
      {children}
    </Stack>
  )
}
