// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of templates look like that
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { readConfig } from '#src/config.ts'
import type { Context } from '#src/context.ts'
import { catalogue, secretVariables, type TemplateName, templateNames } from './catalogue.ts'
import type { Reader, Values } from './letter.ts'
import { reloadTemplates } from './shelves.ts'
import { letterFrom } from './templates.ts'

const templates = join(import.meta.dirname, 'templates')

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-templates-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

const logged: string[] = []

/** As much of a context as letters need. */
const house = (settings: Record<string, string> = {}): Context => {
  const config = readConfig({ CHATELAINE_PUBLIC_URL: 'https://sec.example.org', ...settings })
  const log = {
    error: (event: string) => logged.push(event),
    warn: (event: string, { file }: { file: string }) => logged.push(`${event} ${file}`),
  }
  return { config, log, clock: { now: () => Date.UTC(2026, 0, 15, 12) } } as unknown as Context
}

const withFiles = (files: Record<string, string>): Context => house({ CHATELAINE_TEMPLATES: folderWith(files) })

const anna: Reader = { email: 'anna@example.org', name: 'Anna', locale: '', population: 'user' }

const values: Values = {
  link: 'https://sec.example.org/l?a=1&b=2',
  code: '246813',
  lifetime: 600,
  change: 'two-step.on',
  list: [{ method: 'passkey', name: 'Laptop' }],
  names: ['anna@example.org'],
  address: 'a<b>@example.org',
  sender: { name: 'Bert', address: 'bert@example.org' },
  returned: [{ address: 'x@example.net', reason: 'no-key' }],
  greeting: 'Hello',
  unsubscribe: 'https://sec.example.org/u?token=1',
  until: Date.UTC(2026, 0, 18, 12),
}

describe('letters', () => {
  it('are there in both languages, with nothing left to fill in', () => {
    for (const template of templateNames)
      for (const locale of ['en', 'de']) {
        const { subject, text, html } = letterFrom(house(), { template, reader: { ...anna, locale }, values })
        const where = `${locale}/${template}`
        assert.ok(!/\$\{|\}|undefined/.test(subject + text), where)
        assert.ok(!/\$\{|undefined/.test(html ?? ''), where)
        assert.ok(text.length > 60 && !/^subject:/i.test(text), where)
        assert.equal(html === undefined, 'textOnly' in catalogue[template], where)
        assert.equal(subject === '', template.endsWith('_sms'), where)
        // A link is to be seen as well as clicked, and to stand alone.
        if (text.includes(values.link!)) {
          assert.ok(text.split('\n').includes(values.link!) || template.endsWith('_sms'), where)
          assert.ok(!html || html.includes('>https://sec.example.org/l?a=1&#38;b=2</a>'), where)
        }
        // What is loaded from elsewhere tells when a mail is read.
        assert.ok(!/<img|src=|url\(|@import|<script/i.test(html ?? ''), where)
        if (template.endsWith('_sms') && template !== 'account_changed_sms') assert.ok(text.length < 160, where)
        if (template.includes('code')) assert.equal(/\b\d{6}\b/.exec(text)?.[0], values.code, where)
      }
  })

  it('have no secret in their subjects, whatever templates say', () => {
    const secrets = { code: 'SECRET-CODE', link: 'https://x/SECRET-LINK', unsubscribe: 'https://x/SECRET-STOP' }
    const marked = { ...values, ...secrets, greeting: 'SECRET-WORDS', names: ['SECRET-NAME'], change: 'api-key.made' }
    const names = [...secretVariables, 'RECIPIENT_NAME'].map((name) => `\${${name}}`).join(' ')
    const daring = withFiles(
      Object.fromEntries(templateNames.map((name) => [`${name}.txt`, `Subject: Of ${names}\n\n${names}\n`])),
    )
    for (const template of templateNames)
      for (const locale of ['en', 'de']) {
        const writing = { template, reader: { ...anna, locale }, values: { ...marked, name: 'SECRET-OF-KEY' } }
        const { subject, text } = letterFrom(house(), writing)
        assert.doesNotMatch(subject, /SECRET|\d{4}|@example\.org(?<!bert@example\.org)/, `${locale}/${template}`)
        if (catalogue[template].must.some((name) => name === 'CHALLENGE_CODE')) assert.match(text, /SECRET-CODE/)
        assert.match(letterFrom(daring, writing).subject, /^Of +Anna$/)
        assert.match(letterFrom(daring, writing).text, /SECRET-CODE .*SECRET-LINK .*SECRET-STOP SECRET-WORDS Anna/)
      }
  })

  it('name in the subject of a notice what happened, in the language of the letter', () => {
    const keys = (locale: string) => readFileSync(join(templates, locale, 'sentences.txt'), 'utf8').match(/^[\w.-]+/gm)!
    assert.deepEqual(keys('de').toSorted(), keys('en').toSorted())
    assert.deepEqual(new Set(keys('en')).size, keys('en').length)
    const subject = (change: string, locale = 'en', ctx = house()) =>
      letterFrom(ctx, { template: 'account_changed', reader: { ...anna, locale }, values: { change } }).subject
    const changes = keys('en').filter((key) => keys('en').includes(`subject.${key}`))
    assert.ok(changes.length > 40)
    for (const change of changes) assert.notEqual(subject(change), subject('no.such-change'), change)
    assert.equal(subject('passkey.added'), 'Chatelaine: a passkey was added')
    assert.equal(subject('passkey.added', 'de'), 'Chatelaine: ein Passkey kam hinzu')
    assert.equal(subject('no.such-change'), 'Chatelaine: the security of your account was changed')
    const french = withFiles({
      'fr/account_changed.txt': 'Subject: ${HEADLINE}\n\n${CHANGE}\n',
      'fr/sentences.txt': 'subject.account_changed: Votre compte\nsubject.passkey.added: Une clé\n',
    })
    assert.equal(subject('passkey.added', 'fr', french), 'Une clé')
    assert.equal(subject('passkey.removed', 'fr', french), 'Votre compte')
  })

  it('to guests keep what strangers say apart, short and without links', () => {
    const to = (more: Partial<Values>) =>
      letterFrom(house(), { template: 'guest_invitation', reader: anna, values: { ...values, ...more } })
    const greeting = `See https://evil.example/x?y, www.evil.example\n\nor ask me@evil.example <b>now</b>. ${'long '.repeat(200)}`
    const { html = '', text, headers } = to({ greeting })
    const quoted = /<blockquote>(.*)<\/blockquote>/.exec(html)![1]!
    assert.doesNotMatch(quoted, /\/\/|evil\.example|@evil|<b>/)
    assert.match(quoted, /^See https:\u200b/)
    assert.ok(quoted.replaceAll('\u200b', '').length < 560 && /…$/.test(quoted))
    assert.match(text, /“See https:\/\/evil.example\/x\?y, www.evil.example or ask .*…”\n/)
    assert.equal(headers, undefined, 'it is a person whose mail it announces')
    const none = to({ greeting: ' \n ' })
    assert.doesNotMatch(none.html + none.text, /blockquote>|“”|were not encrypted|\n\n\n/)
    assert.doesNotMatch(to({ unsubscribe: '' }).html!, /any more\?/)
    const named = (name: string) => to({ sender: { name, address: 'bert@example.org' } }).subject
    assert.match(named('Dr. Bert A.B. Ö'), /^Dr\. Bert A\.B\. Ö \(bert@example\.org\) has/)
    for (const name of ['', 'ceo@bank.example', 'www.bank.example', 'http://x', 'bert@example.org'])
      assert.match(named(name), /^bert@example\.org has sent/)
    assert.match(named(`B\u202eert${'x'.repeat(99)}`), /^Bertx{55}… \(bert@example\.org\)/)
  })

  it('name the address that is asked about, and cry wolf only about the account', () => {
    for (const locale of ['en', 'de']) {
      const written = (template: TemplateName, change: string) =>
        letterFrom(house(), { template, reader: { ...anna, locale }, values: { ...values, change } })
      const { text, html = '' } = written('key_address', '')
      assert.ok(text.includes(' a<b>@example.org ') && html.includes('a&#60;b&#62;@example.org'))
      for (const change of ['key.made-on-demand', 'peer.key-changed', 'peer.key-offered']) {
        const told = written('account_told', change)
        assert.ok(told.text.length > 200, told.text)
        assert.doesNotMatch(told.text + told.html, /If this was not you|Wenn Sie das nicht waren/)
      }
      assert.match(written('account_changed', 'key.created').text, /If this was not you|Wenn Sie das nicht waren/)
    }
  })

  it('are in the reader’s language, else the house’s, else English', () => {
    const subject = (ctx: Context, locale: string) =>
      letterFrom(ctx, { template: 'password_reset', reader: { ...anna, locale }, values }).subject
    const german = house({ CHATELAINE_LOCALE: 'de' })
    for (const locale of ['de', 'DE', 'de_CH', 'de-AT']) assert.match(subject(house(), locale), /neues Passwort/)
    for (const locale of ['', 'fr', 'x', '../../de', 'den']) {
      assert.match(subject(house(), locale), /new password/)
      assert.match(subject(german, locale), /neues Passwort/)
    }
    assert.match(subject(german, 'en'), /new password/)
  })

  it('say times and spans as people do', () => {
    const span = (lifetime: number, locale = 'en') =>
      letterFrom(house(), { template: 'password_reset', reader: { ...anna, locale }, values: { ...values, lifetime } })
        .text
    assert.match(span(86_400), /for 24 hours\./)
    assert.match(span(3600), /for 1 hour\./)
    assert.match(span(169_200), /for 47 hours\./)
    assert.match(span(172_800), /for 2 days\./)
    assert.match(span(604_800, 'de'), /7 Tage lang/)
    assert.match(span(176_400), /for 49 hours\./)
    assert.match(span(90), /for 90 seconds\./)
    assert.match(span(1800, 'de'), /30 Minuten lang/)
    const notice = letterFrom(house(), {
      template: 'account_changed',
      reader: anna,
      values: { change: 'factor.added', method: 'sms' },
    })
    assert.match(notice.text, /method, a phone number, was added/)
    assert.match(notice.text, /Thursday, January 15, 2026 at 12:00 PM UTC/)
  })

  it('keep what is put into them from being more than text', () => {
    const ctx = withFiles({
      'password_reset.txt': 'Subject: For ${RECIPIENT_NAME}\n\nDear ${RECIPIENT_NAME}, ${NO_SUCH_NAME}${toString}!\n',
      'password_reset.html': '<p title="${RECIPIENT_NAME}">${RECIPIENT_NAME} ${ACTION_LINK}</p>',
    })
    const name = 'A"n\'n & <b>a</b>\r\nBcc: evil@example.org\n${ACTION_LINK}'
    const { subject, text, html } = letterFrom(ctx, { template: 'password_reset', reader: { ...anna, name }, values })
    assert.equal(subject, 'For A"n\'n & <b>a</b> Bcc: evil@example.org ${ACTION_LINK}')
    assert.equal(text, 'Dear A"n\'n & <b>a</b> Bcc: evil@example.org ${ACTION_LINK}, !\n')
    const safe = 'A&#34;n&#39;n &#38; &#60;b&#62;a&#60;/b&#62; Bcc: evil@example.org ${ACTION_LINK}'
    assert.ok(html?.includes(`<p title="${safe}">${safe} https://sec.example.org/l?a=1&#38;b=2</p>`))
  })
})

describe('templates of the operator', () => {
  const write = (ctx: Context, more: Partial<Reader> = {}) =>
    letterFrom(ctx, { template: 'password_reset', reader: { ...anna, ...more }, values })

  it('replace ours file by file, for all languages or for one', () => {
    const ctx = withFiles({
      'password_reset.txt': 'Subject: All\n\nall\n',
      'de/password_reset.txt': 'Subject: Deutsch\n\ndeutsch\n',
      'fr/password_reset.txt': 'Subject: Français\n\nfrançais ${LIFETIME}\n',
    })
    const words = (locale: string) => {
      const { subject, text, html } = write(ctx, { locale })
      return [subject, text, html]
    }
    assert.deepEqual(words(''), ['All', 'all\n', undefined])
    assert.deepEqual(words('de'), ['Deutsch', 'deutsch\n', undefined])
    assert.deepEqual(words('fr_FR'), ['Français', 'français 10 minutes\n', undefined])
    assert.match(letterFrom(ctx, { template: 'email_invitation', reader: anna, values }).subject, /your new account/)
  })

  it('may be a text without a subject, as OpenWiFi’s service has them: ours stays', () => {
    const ctx = withFiles({
      'password_reset.txt': '\uFEFFHello ${RECIPIENT_EMAIL}:\r\n${ACTION_LINK} ${USER_SIGNATURE}\r\n',
    })
    assert.equal(write(ctx).subject, 'Chatelaine: choose a new password')
    assert.equal(write(ctx, { locale: 'de' }).subject, 'Chatelaine: neues Passwort wählen')
    assert.equal(write(ctx).text, `Hello anna@example.org:\n${values.link} Chatelaine\n`)
    assert.equal(write(ctx).html, undefined)
  })

  it('know subscribers’ own before those for everybody', () => {
    const ctx = withFiles({
      'sub_password_reset.txt': 'sub\n',
      'sub_password_reset.html': '<html><p>${LOGO}</p></html>',
    })
    const { text, html } = write(ctx, { population: 'subscriber' })
    assert.deepEqual([text, html], ['sub\n', '<html><p>https://sec.example.org/wwwassets/logo.png</p></html>'])
    assert.match(write(ctx).text, /Somebody asked/)
    assert.match(write(house(), { population: 'subscriber' }).text, /Somebody asked/)
  })

  it('may be a set of their own for guests, a header and a footer, and what OX Guard had', () => {
    const ctx = withFiles({
      'header.html': '<h1>Acme</h1>',
      'footer.html': '<hr>Acme Ltd',
      '2-header.html': '<html lang="${LANGUAGE}"><h1>Two</h1>',
      'layout.html': '<html>${CONTENT}</html>',
      'guesttempl.html': '<p>Guard: ${CHANGE} ${ACTION_LINK}</p>',
      'de/2-guest_invitation.txt': 'Subject: Zwei\n\n${CHANGE} ${ACTION_LINK}\n',
      'de/2-guesttempl.html': '<p>Guard zwei: ${CHANGE} ${ACTION_LINK}</p>',
      'passwordtempl.html': '<p>$password</p>',
    })
    const written = (template: TemplateName, locale: string, set: number) =>
      letterFrom(ctx, { template, set, reader: { ...anna, locale }, values })
    assert.match(written('guest_invitation', 'en', 0).html!, /^<html><h1>Acme<\/h1><p>Guard: .*<hr>Acme Ltd<\/html>$/)
    assert.match(written('guest_invitation', 'en', 2).html!, /^<html lang="en"><h1>Two<\/h1><p>Guard: .*<hr>Acme Ltd$/)
    const two = written('guest_invitation', 'de', 2)
    assert.equal(two.subject, 'Zwei')
    assert.match(two.html!, /Guard zwei: /)
    assert.match(written('guest_invitation', 'de', 3).subject, /^Bert/)
    // Without what it is sent for it would be of no use to anybody.
    assert.match(written('guest_password', 'en', 0).html!, /246813/)
  })

  it('may be a new frame, or other sentences', () => {
    const ctx = withFiles({
      'layout.html': '<html><h1>${SUBJECT}</h1>${CONTENT}</html>',
      'en/sentences.txt': 'two-step.on: Two steps now, ${METHOD}!\nmethod.sms: by phone\n',
    })
    assert.match(write(ctx).html ?? '', /^<html><h1>Chatelaine: choose a new password<\/h1><p>/)
    const changed = (change: string) =>
      letterFrom(ctx, { template: 'account_changed', reader: anna, values: { change, method: 'sms' } }).text
    assert.match(changed('two-step.on'), /^Two steps now, by phone!/)
    assert.match(changed('two-step.off'), /was turned off/)
  })

  it('are read once, and again when that is asked for', () => {
    const folder = folderWith({ 'password_reset.txt': 'one\n' })
    const ctx = house({ CHATELAINE_TEMPLATES: folder })
    assert.equal(write(ctx).text, 'one\n')
    writeFileSync(join(folder, 'password_reset.txt'), 'two\n')
    assert.equal(write(ctx).text, 'one\n')
    reloadTemplates(ctx)
    assert.equal(write(ctx).text, 'two\n')
  })

  it('that nothing looks for are told of when they are read', () => {
    logged.length = 0
    reloadTemplates(withFiles({ 'pasword_reset.txt': 'x\n', 'readme.md': 'x', 'logo.png': 'x' }))
    assert.deepEqual(logged, ['templates.flawed pasword_reset.txt'])
  })

  it('that cannot be read are complained about, and ours are used', () => {
    logged.length = 0
    const ctx = house({ CHATELAINE_TEMPLATES: '/no/such/folder' })
    assert.match(write(ctx).text, /Somebody asked/)
    assert.deepEqual(logged, ['templates.unreadable'])
  })
})
