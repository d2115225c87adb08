import { Button, Group, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { QrCode } from 'lucide-react'
import { Fragment, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button.tsx'
import classes from './fingerprint.module.css'

/** A fingerprint in groups of four letters and digits, as people read them to each other. */
export const groupsOf = (fingerprint: string): string[] => fingerprint.toUpperCase().match(/.{1,4}/g) ?? []

/** The groups, in rows of five; those of version 6, which are longer, in rows of four. */
export function FingerprintGroups({ value }: { value: string }) {
  const groups = groupsOf(value)
  return (
    <span className={`${classes.groups} ${groups.length > 10 ? classes.long : ''}`}>
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
        <Fragment key={index}>
          <span>{group}</span>{' '}
        </Fragment>
      ))}
    </span>
  )
}

/** One path of all dark squares, a unit each. */
function darkSquares({ size, data }: { size: number; data: Uint8Array }): string {
  const squares: string[] = []
  for (const [at, isDark] of data.entries()) if (isDark) squares.push(`M${at % size} ${Math.floor(at / size)}h1v1h-1z`)
  return squares.join('')
}

/** A text as a QR code; `label` says what it is to who cannot see it. The library comes when it is needed. */
export function QrPicture({ text, label }: { text: string; label: string }) {
  const { data } = useQuery({
    queryKey: ['qr', text],
    staleTime: Number.POSITIVE_INFINITY,
    // What is drawn may be a secret: it is not kept when nobody looks at it.
    gcTime: 0,
    async queryFn() {
      const { create } = await import('qrcode')
      const { modules } = create(text, { errorCorrectionLevel: 'M' })
      return { size: modules.size, path: darkSquares(modules) }
    },
  })
  if (!data) return <Skeleton w="11rem" h="11rem" />
  return (
    <svg
      className={classes.code}
      role="img"
      aria-label={label}
      viewBox={`0 0 ${data.size} ${data.size}`}
      shapeRendering="crispEdges"
    >
      <path d={data.path} />
    </svg>
  )
}

interface FingerprintProps {
  value: string
  /** whose key it is */
  of: string
}

/** A fingerprint to read, to copy, and for the camera of a program that compares keys. */
export function Fingerprint({ value, of }: FingerprintProps) {
  const { t } = useTranslation()
  const [isShown, setShown] = useState(false)
  const id = useId()
  return (
    <Stack gap="xs">
      <Text component="div" size="sm">
        <VisuallyHidden>{t('fingerprint.label')}: </VisuallyHidden>
        <FingerprintGroups value={value} />
      </Text>
      <Group gap="xs">
        <CopyButton size="xs" text={groupsOf(value).join(' ')} what={t('fingerprint.of', { name: of })} />
        <Button
          size="xs"
          variant="default"
          leftSection={<QrCode aria-hidden size={16} />}
          aria-expanded={isShown}
          aria-controls={id}
          onClick={() => setShown(!isShown)}
        >
          {t(isShown ? 'fingerprint.hideCode' : 'fingerprint.showCode')}
        </Button>
      </Group>
      <div id={id} hidden={!isShown}>
        {isShown ? (
          <QrPicture text={`OPENPGP4FPR:${value.toUpperCase()}`} label={t('fingerprint.codeOf', { name: of })} />
        ) : null}
      </div>
    </Stack>
  )
}
