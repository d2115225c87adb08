import { notifications } from '@mantine/notifications'

/** Says for a moment that something was done, to eyes and to screen readers; `more`: what follows from it. */
export const tell = (what: string, more?: string): void => {
  const said = more === undefined ? { message: what } : { title: what, message: more }
  notifications.show({ ...said, role: 'status', withCloseButton: false })
}

/** Says for a moment why something was not done, at once. */
export const warn = (message: string): void => {
  notifications.show({ message, color: 'red', withCloseButton: false })
}
