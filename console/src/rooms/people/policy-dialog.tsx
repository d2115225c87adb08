import { Checkbox, NativeSelect, NumberInput, Stack, Switch } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Cancelled } from '../../api/elevation.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { type PolicyKey, policyFields } from './policy-fields.ts'
import type { PolicyValue, Said } from './types.ts'

/** A value as people say it. */
export function usePolicyText(): (key: PolicyKey, value: PolicyValue) => string {
  const { t } = useTranslation('people')
  const option = (name: string) => t(`policy.options.${name}` as 'policy.options.email')
  return (key, value) => {
    if (typeof value === 'boolean') return value ? t('policy.on') : t('policy.off')
    if (Array.isArray(value)) return value.map(option).join(', ') || t('none')
    if (typeof value === 'number') return key.endsWith('Days') ? t('policy.days', { count: value }) : String(value)
    return option(value)
  }
}

interface PolicyDialogProps {
  name: PolicyKey
  said: Said
  scope: 'account' | 'domain'
  onClose(): void
  /** null takes back what is said here */
  onDecide(value: PolicyValue | null): Promise<unknown>
}

/** Asks for one value, or takes back what was said here. */
export function PolicyDialog({ name, said, scope, onClose, onDecide }: PolicyDialogProps) {
  const { t } = useTranslation('people')
  const [value, setValue] = useState<PolicyValue>(said.value)
  const [isHere, setHere] = useState(true)
  const decide = async () => {
    try {
      await onDecide(isHere ? value : null)
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error
    }
  }
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t(`policy.keys.${name}`)}
      action={t('policy.decide')}
      onConfirm={decide}
      isHarmless
      words={{ POLICY_CONTRADICTORY: t('policy.contradictory'), BAD_PARAMETER: t('policy.unreadable') }}
    >
      <Stack>
        <ValueField name={name} value={value} onChange={setValue} isDisabled={!isHere} />
        {said.from === scope ? (
          <Checkbox
            label={t(scope === 'account' ? 'policy.takeBackAccount' : 'policy.takeBackDomain')}
            checked={!isHere}
            onChange={(event) => setHere(!event.currentTarget.checked)}
          />
        ) : null}
      </Stack>
    </Confirm>
  )
}

interface ValueFieldProps {
  name: PolicyKey
  value: PolicyValue
  onChange(value: PolicyValue): void
  isDisabled: boolean
}

function ValueField({ name, value, onChange, isDisabled: disabled }: ValueFieldProps) {
  const { t } = useTranslation('people')
  const label = t(`policy.keys.${name}`)
  const field = policyFields[name]
  const optionOf = (option: string) => ({
    value: option,
    label: t(`policy.options.${option}` as 'policy.options.email'),
  })
  if (field.kind === 'flag')
    return (
      <Switch
        label={label}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
        disabled={disabled}
        data-autofocus
      />
    )
  if (field.kind === 'number')
    return (
      <NumberInput
        label={label}
        value={Number(value)}
        onChange={(given) => onChange(Number(given))}
        min={field.least}
        allowDecimal={false}
        hideControls
        disabled={disabled}
        data-autofocus
      />
    )
  if (field.kind === 'choice')
    return (
      <NativeSelect
        label={label}
        value={String(value)}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={field.options.map(optionOf)}
        disabled={disabled}
        data-autofocus
      />
    )
  return (
    <Checkbox.Group label={label} value={Array.isArray(value) ? value : []} onChange={onChange}>
      <Stack gap="xs" mt="xs">
        {field.options.map((option) => (
          <Checkbox key={option} {...optionOf(option)} disabled={disabled} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
