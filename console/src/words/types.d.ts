import 'i18next'
import type enrolment from '../enrolment/words/en.ts'
import type correspondents from '../rooms/correspondents/words/en.ts'
import type forgotten from '../rooms/forgotten/words/en.ts'
import type guest from '../rooms/guest/words/en.ts'
import type house from '../rooms/house/words/en.ts'
import type keys from '../rooms/keys/words/en.ts'
import type mail from '../rooms/mail/words/en.ts'
import type people from '../rooms/people/words/en.ts'
import type security from '../rooms/security/words/en.ts'
import type signIn from '../rooms/sign-in/words/en.ts'
import type common from './common/en.ts'

// So that a word which is not there does not build.
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: {
      common: typeof common
      enrolment: typeof enrolment
      'sign-in': typeof signIn
      forgotten: typeof forgotten
      security: typeof security
      keys: typeof keys
      correspondents: typeof correspondents
      mail: typeof mail
      guest: typeof guest
      people: typeof people
      house: typeof house
    }
  }
}
