import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  encrypted: 'Sie kam verschlüsselt: Unterwegs konnte sie niemand sonst lesen.',
  clear: 'Sie war nicht verschlüsselt: Unterwegs konnten andere sie lesen.',
  changed:
    'Unterwegs wurden diese Felder des Kopfs außen verändert: {{names}}. Sie sehen, was die Verfasserin oder der Verfasser schrieb.',
  hasMore: 'Um die Nachricht herum stand mehr, das niemand verschlüsselt oder signiert hat. Es ist weggelassen.',
  keyExpired: 'Der Schlüssel ist seither abgelaufen; beim Signieren war er gut.',
  good: {
    title: 'Signiert von {{who}}',
    text: 'Es ist der Schlüssel des Absenders, und seither wurde nichts verändert.',
  },
  relayed: {
    title: 'Signiert von {{who}}',
    text: 'Dieser Gast hat über diesen Server geantwortet, und seither wurde nichts verändert.',
  },
  partly: {
    title: 'Zum Teil signiert von {{who}}',
    text: 'Was Sie sehen, ist vom Absender. In der Nachricht stand mehr, das niemand signiert hat; es ist weggelassen.',
  },
  other: {
    title: 'Von jemand anderem signiert',
    text: 'Die Signatur ist gut, aber sie ist von {{who}} und nicht vom Absender. Fragen Sie dort nach, ehe Sie sich darauf verlassen.',
  },
  unknown: {
    title: 'Mit unbekanntem Schlüssel signiert',
    text: 'Niemand kann sagen, wessen Signatur das ist. Bitten Sie den Absender um den Schlüssel, und laden Sie ihn unter Briefpartner hoch.',
  },
  unconfirmed: {
    title: 'Signiert, aber niemand hat den Schlüssel bestätigt',
    text: 'Die Signatur ist gut. Ob der Schlüssel dem Absender gehört, weiß hier niemand: Vergleichen Sie den Fingerabdruck mit ihm, etwa am Telefon.',
  },
  changedSince: {
    title: 'Die Signatur passt nicht',
    text: 'Die Nachricht wurde nach dem Signieren verändert, war für jemand anderen bestimmt, oder jemand anderes hat sie signiert. Verlassen Sie sich nicht darauf; fragen Sie den Absender.',
  },
  expiredThen: {
    title: 'Mit abgelaufenem Schlüssel signiert',
    text: 'Der Schlüssel von {{who}} war beim Signieren abgelaufen. Bitten Sie darum, ihn zu erneuern und die Nachricht noch einmal zu senden.',
  },
  revoked: {
    title: 'Mit widerrufenem Schlüssel signiert',
    text: 'Der Schlüssel von {{who}} wurde widerrufen: Er kann in falschen Händen sein. Verlassen Sie sich nicht auf diese Nachricht; fragen Sie nach.',
  },
  none: { title: 'Niemand hat sie signiert', text: 'Darum kann niemand sicher sagen, wer sie schrieb.' },
  somebody: 'jemand',
  by: 'Signatur von {{who}}',
  byUnknown: 'Signatur mit dem Schlüssel {{key}}',
  fingerprint: 'Fingerabdruck',
  made: 'Gemacht',
  source: 'Der Schlüssel',
} as const satisfies Same<typeof en>
