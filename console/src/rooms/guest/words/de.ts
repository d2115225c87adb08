import type { Same } from '../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Nachricht für Sie',
} as const satisfies Same<typeof en>
