import { Alert, Box, Button, List, Stack, Text, Textarea } from '@mantine/core'
import { FileKey } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from '../../parts/attempt.ts'
import { Card } from '../../parts/card.tsx'
import { DropFile } from '../../parts/drop-file.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import classes from './bringing.module.css'
import { type Brought, bringArmor, bringKey } from './calls.ts'
import { useRefresh } from './changes.ts'
import { ownerOf } from './known.ts'
import { useReason } from './state.tsx'

/** What became of a file, and what of it was left out. */
function Came({ brought }: { brought: Brought }) {
  const { t } = useTranslation('correspondents')
  const reasonOf = useReason()
  const { rings, warnings } = brought
  return (
    <Alert color="green" variant="light" title={t('bring.came', { count: rings.length })}>
      <List size="sm">
        {rings.map(({ ids, publicRing }) => {
          const { name, addresses } = ownerOf(publicRing)
          return <List.Item key={ids}>{[name, ...addresses].filter(Boolean).join(', ')}</List.Item>
        })}
      </List>
      {warnings.map(({ code, reason, error_params: [fingerprint = ''] }) => (
        <Text key={code + fingerprint} size="sm" mt="xs">
          {code === 'GRD-KEY-0010' ? t('bring.secret') : t('bring.leftOut', { fingerprint, reason: reasonOf(reason) })}
        </Text>
      ))}
    </Alert>
  )
}

/** Takes keys in that somebody has as a file or as text. */
export function Bringing() {
  const { t } = useTranslation('correspondents')
  const refresh = useRefresh()
  const [armor, setArmor] = useState('')
  const [brought, setBrought] = useState<Brought | null>(null)
  const { isBusy, error, attempt } = useAttempt()
  const bring = (take: () => Promise<Brought>) =>
    attempt(async () => {
      setBrought(null)
      setBrought(await take())
      setArmor('')
      void refresh()
    })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void bring(() => bringArmor(armor))
  }
  return (
    <Card title={t('bring.title')} lead={t('bring.lead')} icon={<FileKey aria-hidden />}>
      <form onSubmit={submit}>
        <Stack>
          <DropFile
            onFile={(file) => void bring(() => bringKey(file))}
            accept=".asc,.pgp,.gpg,.key,.txt,application/pgp-keys"
            label={t('bring.file')}
          />
          <Textarea
            label={t('bring.paste')}
            placeholder="-----BEGIN PGP PUBLIC KEY …"
            rows={3}
            spellCheck={false}
            classNames={{ input: classes.armor ?? '' }}
            value={armor}
            onChange={(event) => setArmor(event.currentTarget.value)}
          />
          <ErrorNote
            error={error}
            words={{ 'GRD-KEY-0003': t('bring.unreadable'), PAYLOAD_TOO_LARGE: t('bring.tooLarge') }}
          />
          <Box>
            <Button type="submit" loading={isBusy} disabled={armor.trim() === ''}>
              {t('bring.submit')}
            </Button>
          </Box>
          <div role="status">{brought ? <Came brought={brought} /> : null}</div>
        </Stack>
      </form>
    </Card>
  )
}
