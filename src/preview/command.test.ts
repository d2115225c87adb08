// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of templates look like that
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import PostalMime from 'postal-mime'
import { mailCommand } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'chatelaine-preview-'))
after(() => rmSync(folder, { recursive: true }))

const templates = join(folder, 'templates')
const to = join(folder, 'mails')

async function typed(line: string, settings: Record<string, string> = {}) {
  const said: string[] = []
  const complained: string[] = []
  const terminal = {
    say: (text: string) => said.push(text),
    complain: (text: string) => complained.push(text),
    ask: null,
  }
  const environment = { CHATELAINE_DATA: join(folder, 'no-data'), ...settings }
  const code = await mailCommand({ args: line.split(' ').filter(Boolean), environment, terminal })
  return { code, said: said.join('\n'), complained: complained.join('\n') }
}

const written = (path: string): string => readFileSync(join(to, path), 'utf8')

describe('chatelaine mail preview', () => {
  it('writes every mail in every language, with neither database nor key file', async () => {
    const { code, said, complained } = await typed(`preview --to ${to}`)
    assert.deepEqual([code, complained], [0, ''])
    assert.match(said, /^\d\d mails and SMS: .*index\.html$/)
    assert.ok(!existsSync(join(folder, 'no-data')))
    assert.match(written('de/guest_invitation.txt'), /^Subject: Ida Berg \(ida@example\.org\) hat/)
    assert.match(written('en/verification_code_sms.txt'), /^246813/)
    assert.ok(!existsSync(join(to, 'en/verification_code_sms.eml')))
    const index = written('index.html')
    const mails = readdirSync(join(to, 'en')).filter((name) => name.endsWith('.html'))
    assert.equal(index.match(/<iframe sandbox [^>]*width="(360|800)"/g)?.length, 2 * 2 * mails.length)
    assert.match(index, /Nothing is wrong/)
    const { from, subject, html, text, headers } = await PostalMime.parse(written('en/guest_invitation.eml'))
    assert.deepEqual(
      [from?.address, subject],
      ['ida@example.org', 'Ida Berg (ida@example.org) has sent you an encrypted mail'],
    )
    assert.ok(html?.includes('/guest?item=') && text?.includes('/guest?item='))
    assert.ok(!headers.some(({ key }) => key === 'auto-submitted'))
    assert.match(written('en/password_reset.eml'), /^Auto-Submitted: auto-generated\r$/m)
  })

  it('shows the operator’s own, tells what is wrong with them, and ends with 1', async () => {
    mkdirSync(join(templates, 'fr'), { recursive: true })
    writeFileSync(join(templates, 'fr', 'password_reset.txt'), 'Subject: Mot de passe\n\n${ACTION_LINC}\n')
    writeFileSync(join(templates, 'verificaton_code.txt'), '${CHALLENGE_CODE}\n')
    writeFileSync(join(templates, 'sub_email_verification.html'), '<p>Sub ${ACTION_LINK}</p>')
    writeFileSync(join(templates, '2-password_reset.txt'), 'Subject: Two\n\n${ACTION_LINK}\n')
    const settings = { CHATELAINE_TEMPLATES: templates }
    const all = await typed(`preview --to ${to}`, settings)
    assert.equal(all.code, 1)
    for (const told of [
      /^fr\/password_reset\.txt names \$\{ACTION_LINC\}.*did you mean ACTION_LINK\?$/m,
      /^fr\/password_reset\.txt does not name \$\{ACTION_LINK\}/m,
      /^verificaton_code\.txt is not read.*did you mean verification_code\?$/m,
      /^fr\/guest_invitation\.txt is missing: the mail is written in en$/m,
      /^fr\/sentences\.txt is missing/m,
    ])
      assert.match(all.complained, told)
    assert.match(written('index.html'), /<li><code>verificaton_code\.txt<\/code>/)
    assert.match(written('de/sub_email_verification.html'), /<p>Sub https?:/)
    assert.doesNotMatch(written('de/email_verification.html'), /<p>Sub/)
    await typed(`preview password_reset --language en --templid 2 --to ${to}`, settings)
    assert.match(written('en/password_reset.txt'), /^Subject: Two$/m)
    const french = await typed(`preview password_reset --language fr --to ${to}`, settings)
    assert.doesNotMatch(french.complained, /guest_invitation/)
    assert.match(written('fr/password_reset.txt'), /^Subject: Mot de passe$/m)
    const lost = await typed('preview', { CHATELAINE_TEMPLATES: join(folder, 'none') })
    assert.deepEqual([lost.code, /ENOENT/.test(lost.complained)], [1, true])
  })

  it('explains itself to who calls it wrongly', async () => {
    for (const [line, words] of [
      ['preview guest_invtation', /did you mean guest_invitation\?/],
      ['preview --templid two', /number/],
      ['preview --language german', /one such as de/],
      ['preview --too x', /Unknown option/],
      ['send', /no "mail send"/],
    ] as const) {
      const { code, complained } = await typed(line)
      assert.deepEqual([code, words.test(complained)], [2, true], complained)
    }
    for (const line of ['', 'help', 'preview --help'])
      assert.match((await typed(line)).said, /^chatelaine mail preview/)
  })
})
