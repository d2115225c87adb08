import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { Printer, Save } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { saveFile } from '../../parts/files.ts'
import { nonce } from '../../parts/nonce.ts'
import classes from './paper.module.css'

// The server's page under our policy, which lets in styles that bear the nonce of this page. Text, not a parser: that
// would judge the style before the nonce is there.
const framed = (page: string): string => page.replace('<style>', `<style nonce="${nonce()}">`)

interface PaperProps {
  /** the page to print; null where none is wanted */
  page: string | null
  name: string
  onClose(): void
}

/** A key on paper: to be looked at, printed, or saved. */
export function Paper({ page, name, onClose }: PaperProps) {
  const { t } = useTranslation('keys')
  const { t: common } = useTranslation()
  const frame = useRef<HTMLIFrameElement>(null)
  const shown = useMemo(() => (page === null ? '' : framed(page)), [page])
  return (
    <Modal
      opened={page !== null}
      onClose={onClose}
      title={t('paper.title')}
      size="60rem"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Stack>
        <Text size="sm">{t('paper.text')}</Text>
        <Group>
          <Button
            data-autofocus
            leftSection={<Printer aria-hidden size={16} />}
            onClick={() => frame.current?.contentWindow?.print()}
          >
            {t('paper.print')}
          </Button>
          <Button
            variant="default"
            leftSection={<Save aria-hidden size={16} />}
            onClick={() => page && saveFile(name, page, 'text/html;charset=utf-8')}
          >
            {t('paper.save')}
          </Button>
        </Group>
        <iframe
          ref={frame}
          title={t('paper.frame')}
          className={classes.page ?? ''}
          // Nothing in it runs; it is ours to be printed.
          sandbox="allow-same-origin allow-modals"
          srcDoc={shown}
        />
      </Stack>
    </Modal>
  )
}
