import { List, Stack, Text } from '@mantine/core'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { When } from '../../parts/times.tsx'
import { AskingButton } from './act-button.tsx'
import { resetFactors } from './calls.ts'
import { Facts } from './facts.tsx'
import type { Done } from './person-page.tsx'
import { Mark } from './standing.tsx'
import type { PersonFile } from './types.ts'

/** What goes with a reset, in words and numbers. */
function useLost({ twoStep, appPasswords, sessions }: PersonFile): string[] {
  const { t } = useTranslation('people')
  const open = Object.values(sessions).reduce((sum, count) => sum + count, 0)
  const kinds = [
    ['methods', twoStep.methods.length],
    ['passkeys', twoStep.passkeys.length],
    ['recoveryCodes', twoStep.recoveryCodesLeft],
    ['devices', twoStep.trustedDevices.length],
    ['appPasswords', appPasswords.length],
    ['sessions', open],
  ] as const
  return kinds.flatMap(([kind, count]) => (count > 0 ? [t(`lost.${kind}`, { count })] : []))
}

function ResetFactors({ file, onDone }: { file: PersonFile; onDone(done: Done): void }) {
  const { t } = useTranslation('people')
  const lost = useLost(file)
  const reset = async () => {
    await resetFactors(file.id)
    onDone({ text: t('protection.resetDone') })
  }
  return (
    <AskingButton
      label={t('protection.reset')}
      title={t('protection.resetTitle', { name: file.name || file.address })}
      action={t('protection.reset')}
      onConfirm={reset}
    >
      <Text>{lost.length > 0 ? t('protection.gone') : t('protection.nothing')}</Text>
      {lost.length > 0 ? (
        <List>
          {lost.map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
      ) : null}
      <Text>{t('protection.resetText')}</Text>
    </AskingButton>
  )
}

/** What an account is protected by. */
export function ProtectionCard({ file, onDone }: { file: PersonFile; onDone(done: Done): void }) {
  const { t } = useTranslation('people')
  const { twoStep, appPasswords, rights } = file
  const { methods, passkeys, recoveryCodesLeft, trustedDevices, removalDue } = twoStep
  const named = (one: { name: string; lastUsed: string | null }, what: string) => (
    <>
      {what}, {t('protection.used')} <When at={one.lastUsed} />
    </>
  )
  return (
    <Card
      title={t('protection.title')}
      icon={twoStep.isOn ? <ShieldCheck aria-hidden color="var(--good)" /> : <ShieldOff aria-hidden />}
    >
      <Stack align="flex-start">
        <Facts
          rows={[
            [
              t('protection.twoStep'),
              twoStep.isOn ? (
                <Mark key="on" good>
                  {t('protection.on')}
                </Mark>
              ) : (
                <Mark key="off">{t('protection.off')}</Mark>
              ),
            ],
            [t('protection.recoveryCodes'), t('protection.left', { count: recoveryCodesLeft })],
            [t('protection.devices'), String(trustedDevices.length)],
            [t('protection.appPasswords'), appPasswords.map(({ name }) => name).join(', ') || t('none')],
          ]}
        />
        {methods.length + passkeys.length > 0 ? (
          <List size="sm">
            {methods.map((one) => (
              <List.Item key={`${one.method} ${one.target} ${one.created}`}>
                {named(one, [t(`protection.methods.${one.method}`), one.target || one.name].filter(Boolean).join(' '))}
                {one.isSecondStep ? '' : ` (${t('protection.notNow')})`}
              </List.Item>
            ))}
            {passkeys.map((one) => (
              <List.Item key={`${one.name} ${one.created}`}>
                {named(one, `${t('protection.passkey')} ${one.name}`)}
              </List.Item>
            ))}
          </List>
        ) : (
          <Text size="sm" c="dimmed">
            {t('protection.none')}
          </Text>
        )}
        {removalDue ? (
          <Text size="sm" c="var(--bad)">
            {t('protection.removal')} <When at={removalDue} />
          </Text>
        ) : null}
        {rights.protect ? <ResetFactors file={file} onDone={onDone} /> : null}
      </Stack>
    </Card>
  )
}
