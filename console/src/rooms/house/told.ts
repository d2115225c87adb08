import { notifications } from '@mantine/notifications'

/** Says for a moment that something was done; screen readers say it when they come to it. */
export const tell = (message: string): void => {
  notifications.show({ message, role: 'status', withCloseButton: false })
}

/** Says for a moment why something was not done, at once. */
export const warn = (message: string): void => {
  notifications.show({ message, color: 'red', withCloseButton: false })
}
