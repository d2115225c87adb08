import { notifications } from '@mantine/notifications'

/** Says that something has been done, to eyes and to screen readers. */
export const told = (title: string, message = ''): void => {
  notifications.show({ title, message, role: 'status', withCloseButton: false })
}
