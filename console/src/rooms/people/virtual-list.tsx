import { Skeleton, Stack } from '@mantine/core'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import classes from './virtual-list.module.css'

interface VirtualListProps<Item> {
  items: readonly Item[]
  /** a link with the class `row` */
  row(item: Item): ReactNode
  label: string
  hasMore: boolean
  loadMore(): void
  /** what the list is of: where one was in it is remembered by this */
  place: string
}

const ROW = 66
const estimateSize = () => ROW
// So far before the end the next page is asked for.
const AHEAD = 25

/** Where people were in a list when they left it, so that they come back to it. */
const places = new Map<string, number>()

const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }

/** A list of any length of which only what is seen is drawn. Arrow keys go from row to row. */
export function VirtualList<Item extends { id: string }>({
  items,
  row,
  label,
  hasMore,
  loadMore,
  place,
}: VirtualListProps<Item>) {
  const list = useRef<HTMLUListElement>(null)
  const [margin, setMargin] = useState(0)
  const wanted = useRef<number | null>(null)
  // The same function as long as the items are: with another one all of them are measured anew.
  const getItemKey = useCallback((index: number) => items[index]!.id, [items])
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize,
    overscan: 8,
    scrollMargin: margin,
    getItemKey,
  })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0

  // What stands above the list may wrap, and move it.
  useLayoutEffect(() => {
    const measure = () => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
    measure()
    window.addEventListener('resize', measure)
    return () => window.removeEventListener('resize', measure)
  }, [])
  useEffect(() => {
    window.scrollTo({ top: places.get(place) ?? 0 })
    const remember = () => places.set(place, window.scrollY)
    window.addEventListener('scrollend', remember)
    return () => window.removeEventListener('scrollend', remember)
  }, [place])
  useEffect(() => {
    if (hasMore && last >= items.length - AHEAD) loadMore()
  }, [hasMore, last, items.length, loadMore])
  // A row that keys go to may have to be drawn first.
  useEffect(() => {
    if (wanted.current === null) return
    const target = list.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] a`)
    if (!target) return
    wanted.current = null
    target.focus({ preventScroll: true })
  })
  const move = (event: KeyboardEvent) => {
    const from = Number((event.target as HTMLElement).closest('[data-index]')?.getAttribute('data-index') ?? -1)
    const step = steps[event.key]
    const to =
      event.key === 'Home' ? 0 : event.key === 'End' ? items.length - 1 : step === undefined ? null : from + step
    if (from < 0 || to === null) return
    event.preventDefault()
    wanted.current = Math.max(0, Math.min(items.length - 1, to))
    virtual.scrollToIndex(wanted.current, { align: 'auto' })
    list.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] a`)?.focus({ preventScroll: true })
  }
  return (
    <ul
      ref={list}
      className={classes.list}
      aria-label={label}
      onKeyDown={move}
      style={{ height: virtual.getTotalSize() }}
    >
      {shown.map(({ index, key, start }) => (
        <li
          key={key}
          data-index={index}
          ref={virtual.measureElement}
          aria-posinset={index + 1}
          aria-setsize={hasMore ? -1 : items.length}
          className={classes.item}
          style={{ transform: `translateY(${start - margin}px)` }}
        >
          {row(items[index]!)}
        </li>
      ))}
    </ul>
  )
}

/** In the place of rows that are on their way. */
export function RowSkeletons() {
  return (
    <Stack gap={0}>
      {[70, 55, 62, 48, 66, 58, 60].map((width) => (
        <Stack key={width} gap={6} p="md">
          <Skeleton h={14} w={`${width}%`} />
          <Skeleton h={10} w={`${width - 25}%`} />
        </Stack>
      ))}
    </Stack>
  )
}
