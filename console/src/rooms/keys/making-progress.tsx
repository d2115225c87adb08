import { Center, Group, Loader, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { CircleCheck, CircleDashed, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import classes from './making-progress.module.css'
import { STAGES, type Stage } from './use-making.ts'

function Mark({ place }: { place: 'done' | 'runs' | 'waits' }) {
  const { t } = useTranslation('keys')
  return (
    <>
      {place === 'runs' ? <Loader size={20} aria-hidden /> : null}
      {place === 'done' ? <CircleCheck aria-hidden size={20} color="var(--good)" /> : null}
      {place === 'waits' ? <CircleDashed aria-hidden size={20} color="var(--mantine-color-dimmed)" /> : null}
      <VisuallyHidden>{t(`progress.${place}`)}: </VisuallyHidden>
    </>
  )
}

/** What is being done with a key that is on its way, and for how long. */
export function Progress({ stage, isRsa }: { stage: Stage; isRsa: boolean }) {
  const { t } = useTranslation('keys')
  const { t: common } = useTranslation()
  const [seconds, setSeconds] = useState(0)
  useInterval(() => setSeconds((before) => before + 1), 1000, { autoInvoke: true })
  const now = STAGES.indexOf(stage)
  return (
    <Card>
      <Center className={classes.picture ?? ''} aria-hidden>
        <Loader size={96} type="oval" className={classes.ring ?? ''} />
        <KeyRound size={40} className={classes.key ?? ''} />
      </Center>
      <Stack component="ul" role="status" className={classes.stages ?? ''} gap="sm">
        {STAGES.map((one, index) => (
          <Group component="li" key={one} wrap="nowrap" align="flex-start" gap="sm">
            <Mark place={index < now ? 'done' : index === now ? 'runs' : 'waits'} />
            <Text c={index > now ? 'dimmed' : undefined}>{t(`progress.${one}`)}</Text>
          </Group>
        ))}
      </Stack>
      <Text ta="center" size="sm" c="dimmed" mt="md" mih="1.5em">
        {stage === 'makes' && isRsa ? `${t('progress.makesLong')} ` : ''}
        {seconds > 0 ? t('progress.since', { wait: common('seconds', { count: seconds }) }) : ''}
      </Text>
    </Card>
  )
}
