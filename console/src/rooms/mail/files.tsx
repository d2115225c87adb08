import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { FileEncrypt } from './file-encrypt.tsx'
import { FileVerify } from './file-verify.tsx'
import { FileWithKey } from './file-with-key.tsx'
import { KeptKeyNote } from './kept-key-note.tsx'

const WORKS = ['decrypt', 'encrypt', 'verify', 'sign'] as const
type Work = (typeof WORKS)[number]

export function Component() {
  const { t } = useTranslation('mail')
  const [work, setWork] = useState<Work>('decrypt')
  return (
    <Page title={t('files.title')} lead={t('files.lead')}>
      <KeptKeyNote />
      <SegmentedControl
        transitionDuration={0}
        w="100%"
        maw="32rem"
        bg="var(--line)"
        aria-label={t('files.what')}
        value={work}
        onChange={setWork}
        data={WORKS.map((value) => ({ value, label: t(`files.${value}`) }))}
      />
      {work === 'encrypt' ? <FileEncrypt /> : null}
      {work === 'verify' ? <FileVerify /> : null}
      {work === 'decrypt' || work === 'sign' ? <FileWithKey key={work} what={work} /> : null}
    </Page>
  )
}
