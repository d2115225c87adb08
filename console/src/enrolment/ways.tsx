import { Badge, Box, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { ChevronRight, Fingerprint, type LucideIcon, Mail, MessageSquare, ShieldCheck, Smartphone } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Overview } from './calls.ts'
import classes from './enrolment.module.css'
import { canAddPasskey } from './passkey-setup.tsx'

/** How somebody comes by a second factor; `existing`: by what the account has already. */
export type Way = 'existing' | 'authApp' | 'passkey' | 'sms' | 'email'

const icons: Record<Way, LucideIcon> = {
  existing: ShieldCheck,
  authApp: Smartphone,
  passkey: Fingerprint,
  sms: MessageSquare,
  email: Mail,
}

/** The ways that are open to turn 2-step verification on, the best first. */
export function waysFor(overview: Overview, hasMethod: boolean): Way[] {
  const { offers, passkeys } = overview
  const may = (kind: 'authApp' | 'email' | 'sms') => offers.methods.includes(kind) && offers.secondStep.includes(kind)
  const open: Record<Way, boolean> = {
    existing: hasMethod || passkeys > 0,
    authApp: may('authApp'),
    passkey: canAddPasskey(overview),
    sms: may('sms'),
    email: may('email'),
  }
  return (Object.keys(open) as Way[]).filter((way) => open[way])
}

/** A list to choose a way from, each with what it is good for. */
export function Ways({ ways, onChoose }: { ways: readonly Way[]; onChoose(way: Way): void }) {
  const { t } = useTranslation('enrolment')
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t('ways.label')}>
      {ways.map((way, index) => {
        const Icon = icons[way]
        return (
          <li key={way}>
            <UnstyledButton className={classes.way} onClick={() => onChoose(way)}>
              <Icon aria-hidden size={24} style={{ flexShrink: 0, marginTop: 2 }} />
              <Box flex={1}>
                <Group gap="xs">
                  <Text fw={600}>{t(`ways.${way}`)}</Text>
                  {index === 0 && ways.length > 1 ? <Badge variant="light">{t('ways.best')}</Badge> : null}
                </Group>
                <Text size="sm" c="dimmed">
                  {t(`ways.${way}Text`)}
                </Text>
              </Box>
              <ChevronRight aria-hidden size={18} style={{ flexShrink: 0, alignSelf: 'center' }} />
            </UnstyledButton>
          </li>
        )
      })}
    </Stack>
  )
}
