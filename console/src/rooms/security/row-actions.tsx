import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'

interface RowActionsProps {
  /** of what is in the row, for who does not see it */
  name: string
  /** left away where it has no name of its own */
  onRename?: (() => void) | undefined
  onRemove(): void
}

export function RowActions({ name, onRename, onRemove }: RowActionsProps) {
  const { t } = useTranslation('security')
  return (
    <>
      {onRename ? (
        <Button variant="default" size="xs" onClick={onRename} aria-label={t('renameWhat', { what: name })}>
          {t('rename')}
        </Button>
      ) : null}
      <Button variant="default" size="xs" onClick={onRemove} aria-label={t('removeWhat', { what: name })}>
        {t('remove', { ns: 'common' })}
      </Button>
    </>
  )
}
