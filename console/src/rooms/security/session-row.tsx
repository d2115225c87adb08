import { Button, Text } from '@mantine/core'
import { Laptop, type LucideIcon, Smartphone, SquareTerminal } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { type OpenSession, readAgain, SECURITY } from './calls.ts'
import { useInWords, useWordsFor } from './in-words.ts'
import { ItemRow } from './item-row.tsx'
import { type Agent, readAgent } from './user-agent.ts'

const pictures: Record<Agent['kind'], LucideIcon> = { computer: Laptop, phone: Smartphone, program: SquareTerminal }

export function SessionRow({ session }: { session: OpenSession }) {
  const { t } = useTranslation('security')
  const say = useInWords()
  const wordsFor = useWordsFor()
  const [isAsked, setAsked] = useState(false)
  const { id, device, protocol, address, state, current, secondStep } = session
  const name = say.agent(device)
  const kind = readAgent(device)?.kind ?? 'program'
  const isProgram = kind === 'program' && protocol === 'mailbox'
  const how = [say.protocol(isProgram ? 'api' : protocol), ...(secondStep ? [t('sessions.withStep')] : [])]
  const standing = state === 'full' ? null : wordsFor(`sessions.state.${state}`)
  return (
    <>
      <ItemRow
        Icon={pictures[kind]}
        name={name}
        badges={current ? [t('sessions.this')] : []}
        facts={[
          [...how, ...(standing ? [standing] : []), say.place(address)].join(', '),
          `${t('sessions.seen', { when: say.when(session.lastSeenDate) })} · ${t('sessions.begun', { when: say.when(session.createdDate) })}`,
        ]}
        actions={
          current ? null : (
            <Button
              variant="default"
              size="xs"
              onClick={() => setAsked(true)}
              aria-label={t('sessions.endWhat', { what: name })}
            >
              {t('sessions.end')}
            </Button>
          )
        }
      />
      <Confirm
        opened={isAsked}
        onClose={() => setAsked(false)}
        title={t('sessions.endTitle')}
        action={t('sessions.end')}
        onConfirm={async () => {
          await call('DELETE', `${SECURITY}/sessions/${id}`)
          await readAgain()
        }}
      >
        <Text size="sm">{t('sessions.endText', { what: name })}</Text>
      </Confirm>
    </>
  )
}
