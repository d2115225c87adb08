import { Box, Button, Group, Modal, Paper, Stack, Text, Title } from '@mantine/core'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { elevated } from '../../api/elevation.ts'
import { RecoveryCodes } from '../../enrolment/recovery-codes.tsx'
import { TurnOn } from '../../enrolment/turn-on.tsx'
import { SecondStep, type StepProof } from '../../parts/second-step.tsx'
import { type Overview, readAgain, SECURITY } from './calls.ts'
import { useInWords } from './in-words.ts'
import classes from './security.module.css'

interface SwitchProps {
  opened: boolean
  onClose(): void
}

function TurnOnDialog({ opened, onClose }: SwitchProps) {
  const { t } = useTranslation('security')
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const close = () => {
    setCodes(null)
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      // What is shown once is not closed by a slip.
      closeOnClickOutside={codes === null}
      closeOnEscape={codes === null}
      withCloseButton={codes === null}
      title={t(codes ? 'step.newCodes' : 'advice.second-stepAction')}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
    >
      {codes ? <RecoveryCodes codes={codes} onKept={close} /> : <TurnOn onDone={setCodes} />}
    </Modal>
  )
}

function TurnOffDialog({ opened, onClose }: SwitchProps) {
  const { t } = useTranslation('security')
  const turnOff = async (json: StepProof) => {
    await elevated('DELETE', `${SECURITY}/2fa${'response' in json ? '/passkey' : ''}`, { json })
    onClose()
    await readAgain()
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('step.turnOffTitle')}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
    >
      <Stack>
        <Text size="sm">{t('step.turnOffText')}</Text>
        <SecondStep onProof={turnOff} action={t('step.turnOff')} recovery={false} />
      </Stack>
    </Modal>
  )
}

/** What the rules of the server say of it, if anything. */
function useDemand({ status, configured, graceEndsDate }: Overview['twoFactor']): string | null {
  const { t } = useTranslation('security')
  const say = useInWords()
  if (status !== 'mandatory') return null
  return !configured && graceEndsDate ? t('step.grace', { date: say.date(graceEndsDate) }) : t('step.mandatory')
}

/** Whether the second step is on, and the switch for it. */
export function TwoStepCard({ overview }: { overview: Overview }) {
  const { t } = useTranslation('security')
  const { twoFactor } = overview
  const { status, configured } = twoFactor
  const demand = useDemand(twoFactor)
  const [opened, setOpened] = useState<'on' | 'off' | null>(null)
  const close = () => setOpened(null)
  const Picture = configured ? ShieldCheck : ShieldAlert
  const isOff = status === 'disabled'
  return (
    <Paper component="section" aria-labelledby="two-step" p={{ base: 'md', sm: 'lg' }} bg="var(--card)" withBorder>
      <Group gap="md">
        <span className={`${classes.verdict} ${configured ? classes.good : classes.attention}`}>
          <Picture aria-hidden strokeWidth={1.6} />
        </span>
        <Box flex="1 1 11rem" role="status">
          <Title order={2} id="two-step">
            {t(configured ? 'step.on' : 'step.off')}
          </Title>
          <Text mt={2}>
            {isOff ? t('step.none') : t(configured ? 'step.onText' : 'step.offText')} {demand}
          </Text>
        </Box>
        {configured ? (
          status === 'mandatory' ? null : (
            <Button variant="default" onClick={() => setOpened('off')}>
              {t('step.turnOff')}
            </Button>
          )
        ) : isOff ? null : (
          <Button onClick={() => setOpened('on')}>{t('step.turnOn')}</Button>
        )}
      </Group>
      <TurnOnDialog opened={opened === 'on'} onClose={close} />
      <TurnOffDialog opened={opened === 'off'} onClose={close} />
    </Paper>
  )
}
