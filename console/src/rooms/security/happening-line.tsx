import { Anchor, Box, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { momentOf, relative } from '../../parts/times.tsx'
import type { Happening } from './calls.ts'
import { timeOfDay } from './days.ts'
import { doerOf, type Hint, hintFor, wordingOf } from './events.ts'
import { useInWords, useWordsFor } from './in-words.ts'
import classes from './security.module.css'

/** The sentence for an event; one that is newer than these pages is called by its name. */
export function useSentence() {
  const { t } = useTranslation('security')
  const say = useInWords()
  const wordsFor = useWordsFor()
  return (one: Happening): string => {
    const { kind, name, ...rest } = wordingOf(one)
    const filled = { ...rest, name: name && say.device(name), kind: kind && (wordsFor(`kinds.${kind}`) ?? kind) }
    return wordsFor(`events.${one.event}`, filled) ?? t('activity.other', { event: one.event })
  }
}

const actions: Partial<Record<Hint, { to: string; label: 'password.change' | 'sessions.everywhere' }>> = {
  'password-known': { to: '/my/security/password', label: 'password.change' },
  stop: { to: '/my/security/password', label: 'password.change' },
  token: { to: '/my/security/sessions', label: 'sessions.everywhere' },
}

function HintLine({ hint }: { hint: Hint }) {
  const { t } = useTranslation('security')
  const action = actions[hint]
  return (
    <Text size="sm" mt={4}>
      <Text span fw={600} className={classes.attention}>
        {t('activity.by.anybody')}
      </Text>{' '}
      {t(`activity.hints.${hint}`)}{' '}
      {action ? (
        <Anchor component={Link} to={action.to} inherit>
          {t(action.label)}
        </Anchor>
      ) : null}
    </Text>
  )
}

interface HappeningLineProps {
  happening: Happening
  /** without hints, and with the day: among other things */
  isBrief?: boolean
}

export function HappeningLine({ happening, isBrief = false }: HappeningLineProps) {
  const { t, i18n } = useTranslation('security')
  const say = useInWords()
  const sentence = useSentence()
  const { date, protocol, address } = happening
  const doer = doerOf(happening)
  const hint = isBrief ? null : hintFor(happening)
  const moment = momentOf(date) ?? new Date(0)
  const time = isBrief ? relative(moment, i18n.language) : timeOfDay(date, i18n.language)
  const where =
    doer === 'house' || doer === 'desk' ? [t(`activity.by.${doer}`)] : [say.protocol(protocol), say.place(address)]
  return (
    <li className={classes.item}>
      <Box flex="1 1 14rem">
        <Text>{sentence(happening)}</Text>
        <Text size="sm" c="dimmed">
          <time dateTime={moment.toISOString()} title={say.dateAndTime(date)}>
            {time}
          </time>
          {' · '}
          {where.join(', ')}
        </Text>
        {hint ? <HintLine hint={hint} /> : null}
      </Box>
    </li>
  )
}
