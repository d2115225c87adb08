import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { Check, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from '../../parts/attempt.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { FingerprintGroups } from '../../parts/fingerprint.tsx'
import { type Comparison, compare } from './compare.ts'
import classes from './comparing.module.css'

function Verdict({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation('correspondents')
  if (comparison.is === 'empty') return null
  if (comparison.is === 'equal')
    return (
      <Alert color="green" variant="light" icon={<Check aria-hidden />} title={t('compare.equal')}>
        {t('compare.equalText')}
      </Alert>
    )
  if (comparison.is === 'unreadable') return <Text size="sm">{t('compare.unreadable')}</Text>
  if (comparison.is === 'short')
    return <Text size="sm">{t('compare.short', { count: comparison.count, of: comparison.of })}</Text>
  const { places } = comparison
  const different = places.filter(({ isSame }) => !isSame).length
  return (
    <Alert color="red" variant="light" icon={<TriangleAlert aria-hidden />} title={t('compare.different')}>
      <Text size="sm" mb="xs">
        {t('compare.differentText', { count: different, of: places.length })}
      </Text>
      <table className={classes.places}>
        <thead>
          <tr>
            <th scope="col">{t('compare.group')}</th>
            <th scope="col">{t('compare.here')}</th>
            <th scope="col">{t('compare.there')}</th>
          </tr>
        </thead>
        <tbody>
          {places.map(({ here, there, isSame }, index) =>
            isSame ? null : (
              // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
              <tr key={index}>
                <th scope="row">{index + 1}</th>
                <td>{here || '–'}</td>
                <td>{there || '–'}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </Alert>
  )
}

export interface Agreeing {
  /** what the button says that is there once the two are the same */
  label: string
  /** what follows from it */
  text: string
  act(): Promise<unknown>
}

interface ComparingProps {
  opened: boolean
  onClose(): void
  name: string
  fingerprint: string
  /** what to do when they are the same; null where nothing is left to do */
  agreeing: Agreeing | null
}

/** Holds a fingerprint against what its owner reads out, or has sent: equal, or where exactly it is not. */
export function Comparing({ opened, onClose, name, fingerprint, agreeing }: ComparingProps) {
  const { t } = useTranslation('correspondents')
  const [said, setSaid] = useState('')
  const [isHeard, setHeard] = useState(false)
  const { isBusy, error, setError, attempt } = useAttempt()
  const comparison = compare(fingerprint, said)
  const isSame = comparison.is === 'equal' || (comparison.is === 'empty' && isHeard)
  const close = () => {
    setSaid('')
    setHeard(false)
    setError(null)
    onClose()
  }
  const agree = async () => {
    if (agreeing && (await attempt(agreeing.act))) close()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={t('compare.title', { name })}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
    >
      <Stack>
        <Text size="sm">{t('compare.lead')}</Text>
        <div>
          <Text size="sm" fw={600}>
            {t('compare.mine')}
          </Text>
          <Text component="div" size="lg">
            <FingerprintGroups value={fingerprint} />
          </Text>
        </div>
        <Textarea
          label={t('compare.theirs')}
          description={t('compare.theirsHint')}
          rows={2}
          spellCheck={false}
          autoCapitalize="characters"
          classNames={{ input: classes.said ?? '' }}
          value={said}
          onChange={(event) => setSaid(event.currentTarget.value)}
          data-autofocus
        />
        <div role="status">
          <Verdict comparison={comparison} />
        </div>
        {comparison.is === 'empty' ? (
          <Checkbox
            label={t('compare.heard')}
            checked={isHeard}
            onChange={(event) => setHeard(event.currentTarget.checked)}
          />
        ) : null}
        {isSame ? <Text size="sm">{agreeing ? agreeing.text : t('compare.nothingLeft')}</Text> : null}
        <ErrorNote error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('close', { ns: 'common' })}
          </Button>
          {agreeing ? (
            <Button onClick={agree} loading={isBusy} disabled={!isSame}>
              {agreeing.label}
            </Button>
          ) : null}
        </Group>
      </Stack>
    </Modal>
  )
}
