import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  'GRD-KEY-0001': 'Sie haben noch keinen Schlüssel.',
  'GRD-KEY-0002': 'Diesen Schlüssel gibt es hier nicht mehr. Laden Sie die Seite neu.',
  'GRD-KEY-0003':
    'Darin ist kein Schlüssel, der sich lesen lässt. Exportieren Sie ihn noch einmal, als Datei mit der Endung .asc oder .gpg.',
  'GRD-KEY-0004':
    'Dieser Schlüssel trägt keine Ihrer Adressen, er kann also nicht Ihrer sein. Schlüssel anderer gehören zu den „Briefpartnern“.',
  'GRD-KEY-0005': 'Dafür ist dieser Schlüssel nicht zu brauchen.',
  'GRD-KEY-0005/expired': 'Dieser Schlüssel ist abgelaufen. Verlängern Sie ihn zuerst.',
  'GRD-KEY-0005/revoked': 'Dieser Schlüssel ist widerrufen: das bleibt so. Erzeugen Sie einen neuen.',
  'GRD-KEY-0005/not-yet-valid': 'Die Zeit dieses Schlüssels hat noch nicht begonnen.',
  'GRD-KEY-0005/sha1-binding': 'Diesen Schlüssel halten Unterschriften einer Art zusammen, die nicht mehr sicher ist.',
  'GRD-KEY-0005/weak': 'Dieser Schlüssel ist von einer Art, die nicht mehr sicher ist. Erzeugen Sie einen neuen.',
  'GRD-KEY-0005/unsupported': 'Diese Art Schlüssel kennt der Server nicht.',
  'GRD-KEY-0005/no-user-id': 'Dieser Schlüssel trägt keinen Namen und keine Adresse, für die er bürgt.',
  'GRD-KEY-0005/no-encryption-subkey': 'Dieser Schlüssel hat keinen Teil zum Verschlüsseln.',
  'GRD-KEY-0005/no-signing-key': 'Dieser Schlüssel hat keinen Teil zum Unterschreiben.',
  'GRD-KEY-0006': 'Private Schlüssel können hier nicht gelöscht werden. Sie können ihn widerrufen.',
  'GRD-KEY-0007': 'Das ist mehr, als der Server aufbewahrt. Löschen Sie Schlüssel, die Sie nicht mehr brauchen.',
  'GRD-KEY-0007/too-many-user-ids': 'Ein Schlüssel trägt höchstens fünfzig Namen und Adressen; dieser hätte mehr.',
  'GRD-KEY-0007/key-too-large':
    'Dieser Schlüssel ist größer, als der Server aufbewahrt, meist wegen der Unterschriften anderer.',
  'GRD-KEY-0009': 'Das ist keine Autocrypt-Setup-Nachricht von Ihnen.',
  'PGP-CORE-0002': 'Der private Teil dieses Schlüssels ist nicht hier.',
  'PGP-CORE-0003': 'Das Passwort stimmt nicht.',
  'PGP-CORE-0006': 'Die Nachricht ließ sich nicht lesen.',
  'GRD-AUTH-0001': 'Dazu braucht es das Schlüsselpasswort.',
  'GRD-AUTH-0001/locked':
    'Die Datei ist gesperrt: geben Sie das Passwort ein, das der Schlüssel im anderen Programm hatte.',
  'GRD-AUTH-0001/no-new-password': 'Wählen Sie ein Passwort, das den Schlüssel hier öffnet.',
  'GRD-AUTH-0002': 'Das war zu oft das falsche Schlüsselpasswort.',
  'GRD-AUTH-0003': 'Das neue Schlüsselpasswort ist zu kurz.',
  'GRD-AUTH-0004': 'Der Server hat keine zweite Kopie dieses Schlüssels. Es braucht das Schlüsselpasswort.',
  'GRD-AUTH-0005': 'Wer diesen Server betreibt, lässt zweite Kopien nicht entfernen.',
  'LGI-0006': 'Das Anmeldepasswort stimmt nicht.',
  KEY_PASSWORD_WRONG: 'Das Schlüsselpasswort stimmt nicht.',
  KEY_PASSWORD_REQUIRED: 'Dazu braucht es das Schlüsselpasswort.',
  KEY_UNUSABLE:
    'Ihr aktueller Schlüssel kann nicht unterschreiben: er ist abgelaufen, widerrufen oder nicht dafür gemacht.',
  NO_KEY: 'Sie haben noch keinen Schlüssel.',
} as const satisfies Same<typeof en>
