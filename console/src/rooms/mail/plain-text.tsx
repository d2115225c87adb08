import { Anchor, Box, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './plain-text.module.css'

interface Piece {
  isQuote: boolean
  lines: string[]
}

const QUOTE = /^\s?>/
// What is quoted in a line or two is part of what people say.
const FOLDED_FROM = 4

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  for (const line of text.replace(/\s+$/, '').split(/\r\n|\r|\n/)) {
    const isQuote = QUOTE.test(line)
    const last = pieces.at(-1)
    if (last && last.isQuote === isQuote) last.lines.push(line)
    else pieces.push({ isQuote, lines: [line] })
  }
  return pieces
}

// A name before the host is there to be taken for the host.
const LINK = /\bhttps?:\/\/(?![^/?#\s]*@)[^\s<>"]{1,2000}[^\s<>".,;:!?)\]}']/gi

function Linked({ text }: { text: string }) {
  const parts = [...text.matchAll(LINK)].reduce<{ at: number; nodes: (string | { href: string })[] }>(
    ({ at, nodes }, { 0: href, index }) => ({
      at: index + href.length,
      nodes: [...nodes, text.slice(at, index), { href }],
    }),
    { at: 0, nodes: [] },
  )
  return (
    <>
      {[...parts.nodes, text.slice(parts.at)].map((node, at) =>
        typeof node === 'string' ? (
          node
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change their places
          <Anchor key={at} href={node.href} target="_blank" rel="noopener noreferrer nofollow" underline="always">
            {node.href}
          </Anchor>
        ),
      )}
    </>
  )
}

function Quote({ lines }: { lines: string[] }) {
  const { t } = useTranslation('mail')
  const said = (
    <Box className={classes.quote ?? ''}>
      <Linked text={lines.map((line) => line.replace(/^\s?> ?/, '')).join('\n')} />
    </Box>
  )
  if (lines.length < FOLDED_FROM) return said
  return (
    <details className={classes.fold ?? ''}>
      <summary>{t('letter.quoted', { count: lines.length })}</summary>
      {said}
    </details>
  )
}

/** A message of text, as people set it: lines are kept, quotes folded, addresses of pages can be followed. */
export function PlainText({ text }: { text: string }) {
  const { t } = useTranslation('mail')
  if (text.trim() === '') return <Text c="dimmed">{t('letter.empty')}</Text>
  return (
    <Box className={classes.text ?? ''}>
      {piecesOf(text).map(({ isQuote, lines }, at) =>
        isQuote ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <Quote key={at} lines={lines} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <Box key={at}>
            <Linked text={lines.join('\n')} />
          </Box>
        ),
      )}
    </Box>
  )
}
