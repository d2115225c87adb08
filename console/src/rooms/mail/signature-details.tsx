import { Code, List, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { When } from '../../parts/times.tsx'
import type { Signature } from './calls.ts'
import classes from './plain-text.module.css'
import { useSourceText } from './sources.ts'

const grouped = (hex: string): string => hex.replace(/(.{4})(?=.)/g, '$1 ')

/** What there is to know of each signature, for who wants to compare it. */
export function SignatureDetails({ signatures }: { signatures: readonly Signature[] }) {
  const { t } = useTranslation('mail')
  const sourceText = useSourceText()
  if (signatures.length === 0) return null
  return (
    <details className={classes.fold ?? ''}>
      <summary>{t('read.signatures')}</summary>
      <List listStyleType="none" mt="xs" spacing="sm">
        {signatures.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be by the same key
          <List.Item key={at}>
            <Stack gap={4}>
              <Text size="sm" fw={600}>
                {one.signer
                  ? t('verdict.by', { who: one.signer })
                  : t('verdict.byUnknown', { key: grouped(one.keyId) })}
              </Text>
              {one.fingerprint ? (
                <Text size="sm">
                  {t('verdict.fingerprint')}: <Code>{grouped(one.fingerprint)}</Code>
                </Text>
              ) : null}
              <Text size="sm">
                {t('verdict.source')} {sourceText(one.source)}.{' '}
                {one.created ? (
                  <>
                    {t('verdict.made')} <When at={one.created} />.
                  </>
                ) : null}
              </Text>
            </Stack>
          </List.Item>
        ))}
      </List>
    </details>
  )
}
