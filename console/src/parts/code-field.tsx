import { TextInput, type TextInputProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './code-field.module.css'

interface CodeFieldProps extends Omit<TextInputProps, 'onChange' | 'value'> {
  value: string
  onChange(value: string): void
  /** letters too, as recovery codes have them */
  letters?: boolean
}

/** One field for a code, so that pasting, password managers and screen readers work as everywhere. */
export function CodeField({ value, onChange, letters = false, ...rest }: CodeFieldProps) {
  const { t } = useTranslation()
  return (
    <TextInput
      label={t('code')}
      description={t('codeHint')}
      inputMode={letters ? 'text' : 'numeric'}
      autoComplete="one-time-code"
      autoCapitalize="characters"
      spellCheck={false}
      classNames={{ input: classes.input ?? '' }}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replace(letters ? /\s/g : /\D/g, ''))}
      {...rest}
    />
  )
}
