import { Button, type ButtonProps } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { Check, Copy } from 'lucide-react'
import { useTranslation } from 'react-i18next'

interface CopyButtonProps extends ButtonProps {
  text: string
  /** what is copied, for who does not see what is beside the button */
  what?: string
}

export function CopyButton({ text, what, ...rest }: CopyButtonProps) {
  const { t } = useTranslation()
  const { copy, copied } = useClipboard({ timeout: 2000 })
  const label = copied ? t('copied') : t('copy')
  return (
    <Button
      variant="default"
      leftSection={copied ? <Check aria-hidden size={16} /> : <Copy aria-hidden size={16} />}
      onClick={() => copy(text)}
      aria-label={what ? `${label}: ${what}` : undefined}
      aria-live="polite"
      {...rest}
    >
      {label}
    </Button>
  )
}
