import { useEffect, useState } from 'react'
import { type Captcha, fetchCaptcha, needsCaptcha } from './calls.ts'

/** The picture that the server wants to be read with the next sign-in of a name, if it wants any. */
export function useCaptcha() {
  const [name, setName] = useState<string | null>(null)
  const [captcha, setCaptcha] = useState<Captcha | null>(null)
  const [text, setText] = useState('')
  useEffect(() => () => URL.revokeObjectURL(captcha?.picture ?? ''), [captcha])
  const renew = async (username: string) => {
    setName(username)
    setText('')
    setCaptcha(null)
    setCaptcha(await fetchCaptcha(username))
  }
  return {
    isShown: name !== null,
    captcha,
    text,
    setText,
    another: () => (name === null ? Promise.resolve() : renew(name)),
    /** Is the way clear to sign in by this name? If not, a picture is shown for it. */
    async isClear(username: string): Promise<boolean> {
      if (captcha && name === username && text.trim() !== '') return true
      if (!(await needsCaptcha(username))) {
        setName(null)
        setCaptcha(null)
        return true
      }
      await renew(username)
      return false
    },
    /** After a failure: each picture is good for one try. */
    async failed(username: string): Promise<void> {
      if (await needsCaptcha(username)) await renew(username)
    },
    sent: () => (captcha ? { captchaId: captcha.id, captchaText: text.trim() } : {}),
  }
}
