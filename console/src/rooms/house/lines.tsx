import { Code, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../parts/copy-button.tsx'
import classes from './lines.module.css'

/** Words of a machine, as they are; what is too long goes on in the next line. */
export function Quoted({ text }: { text: string }) {
  return (
    <Code block className={classes.words ?? ''}>
      {text}
    </Code>
  )
}

/** Lines that are to be copied somewhere. */
export function Lines({ text }: { text: string }) {
  const { t } = useTranslation('house')
  return (
    <Group align="flex-start" gap="xs">
      <Code block className={classes.words ?? ''} flex="1 1 16rem">
        {text}
      </Code>
      <CopyButton text={text} what={t('todo.whatToCopy')} size="sm" />
    </Group>
  )
}
