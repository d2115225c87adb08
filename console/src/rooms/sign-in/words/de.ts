import type { Same } from '../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Anmelden',
  name: 'Benutzername oder Mailadresse',
  submit: 'Anmelden',
  failed: 'Name oder Passwort stimmen nicht. Beide werden zusammen geprüft: sehen Sie nach beiden.',
  stepTitle: 'Zweiter Schritt',
  stepLead: 'Ihr Konto verlangt einen zweiten Nachweis, dass Sie es sind.',
} as const satisfies Same<typeof en>
