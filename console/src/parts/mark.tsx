import { Group, Text } from '@mantine/core'
import icon from '../icon.svg'

/** The name of the house, with its picture. */
export function Mark() {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src={icon} alt="" width={28} height={28} />
      <Text fw={700} size="lg">
        Chatelaine
      </Text>
    </Group>
  )
}
