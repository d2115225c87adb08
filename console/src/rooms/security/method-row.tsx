import { Mail, MessageSquare, Smartphone } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ListedMethod } from './calls.ts'
import { useInWords } from './in-words.ts'
import { ItemRow } from './item-row.tsx'
import { RowActions } from './row-actions.tsx'

/** A method with what else is known of it. */
export interface Row extends ListedMethod {
  name: string
  /** "" where it is not known */
  createdDate: string
  /** what it is good for */
  badges: readonly string[]
}

const pictures = { authApp: Smartphone, email: Mail, sms: MessageSquare } as const

interface MethodRowProps {
  row: Row
  onRename(row: Row): void
  onRemove(row: Row): void
}

export function MethodRow({ row, onRename, onRemove }: MethodRowProps) {
  const { t } = useTranslation('security')
  const say = useInWords()
  const { method, name, badges, lastUsedDate, createdDate } = row
  const facts = [
    lastUsedDate ? t('step.lastUsed', { when: say.when(lastUsedDate) }) : t('step.neverUsed'),
    ...(createdDate ? [t('step.added', { when: say.when(createdDate) })] : []),
  ]
  return (
    <ItemRow
      Icon={pictures[method]}
      name={say.capitalised(name)}
      badges={badges}
      facts={[facts.join(' · ')]}
      actions={
        <RowActions
          name={name}
          onRename={method === 'authApp' ? () => onRename(row) : undefined}
          onRemove={() => onRemove(row)}
        />
      }
    />
  )
}
