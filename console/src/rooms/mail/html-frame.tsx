import { Box } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { nonce } from '../../parts/nonce.ts'
import classes from './html-frame.module.css'
import { styledHtml } from './styled-html.ts'

const BASE = `html { background: #fff; color: #1c1c1c; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; padding: 1rem; overflow-wrap: break-word }
img, table { max-width: 100% }
img { height: auto }
blockquote { margin: 0 0 0 .5rem; padding-left: .75rem; border-left: 2px solid #bbb }
pre { white-space: pre-wrap }`

/** The page in the frame. Its policy is that of this page, and this one besides: only what both allow is allowed. */
function pageOf(cleaned: string): string {
  const { html, css } = styledHtml(cleaned)
  const own = nonce()
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${own}'"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="only light"><style nonce="${own}">${BASE}\n${css}</style></head><body>${html}</body></html>`
}

/**
 * HTML of a mail, cleaned by the server, in a frame of nobody's origin where no script runs, no form is sent, and nothing
 * is fetched. Popups are what a link in a new window is, and they must get out of the sandbox, or the page behind it would not work.
 */
export function HtmlFrame({ html }: { html: string }) {
  const { t } = useTranslation('mail')
  const page = useMemo(() => pageOf(html), [html])
  return (
    <Box className={classes.frame ?? ''}>
      <iframe
        title={t('letter.frame')}
        srcDoc={page}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
      />
    </Box>
  )
}
