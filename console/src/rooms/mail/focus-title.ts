import { useEffect } from 'react'

/** What had the focus is gone, because something else stands in its place: whoever reads begins at its title. */
export function useTitleFocus(when: boolean): void {
  useEffect(() => {
    if (!when) return
    window.scrollTo(0, 0)
    document.querySelector('h1')?.focus()
  }, [when])
}
