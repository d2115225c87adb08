// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of templates look like that
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readConfig } from '#src/config.ts'
import { adopted } from './adopting.ts'
import { catalogue, rowOf, templateNames } from './catalogue.ts'
import { flawsIn } from './checking.ts'
import type { Writer } from './letter.ts'
import { ownShelf } from './shelves.ts'
import { specimenOf } from './specimens.ts'
import { letterFrom } from './templates.ts'

const docs = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'templates.md'), 'utf8')

const problemsOf = (file: string, content: string): string[] =>
  flawsIn(new Map([[file, content]])).map(({ problem }) => problem)

const whole = 'Subject: x\n\n${ACTION_LINK}\n'

describe('templates that are looked through', () => {
  it('are fine when they are ours, and there in both languages', () => {
    const own = ownShelf()
    assert.deepEqual(flawsIn(own), [])
    for (const name of templateNames)
      for (const language of ['en', 'de']) {
        assert.ok(own.has(`${language}/${name}.txt`), name)
        assert.equal(own.has(`${language}/${name}.html`), !('textOnly' in catalogue[name]), name)
      }
    assert.equal(
      own.size,
      2 * templateNames.filter((name) => !('textOnly' in catalogue[name])).length + 3 + 2 * templateNames.length,
    )
  })

  it('tell which name was probably meant', () => {
    for (const [file, meant] of [
      ['pasword_reset.txt', 'password_reset'],
      ['de/guest-invitation.html', 'guest_invitation'],
      ['2-guesttemp.html', 'guesttempl'],
      ['Layout.html', 'layout'],
      ['password_reset.htm', 'password_reset'],
    ] as const)
      assert.match(problemsOf(file, whole).join(), new RegExp(`is not read.*did you mean ${meant}\\?$`), file)
    assert.match(problemsOf('german/password_reset.txt', whole).join(), /not a language/)
    assert.match(problemsOf('de_CH/password_reset.txt', whole).join(), /did you mean de\?/)
    assert.match(problemsOf('nothing-like-it-at-all.txt', whole).join(), /no mail of this name$/)
    assert.match(problemsOf('key_submission.html', whole).join(), /text only/)
    assert.match(problemsOf('sentences.txt', 'x: y').join(), /<language>\/sentences\.txt/)
    for (const file of ['password_reset.txt', 'fr/3-sub_password_reset.txt', '3-password_reset.txt'])
      assert.deepEqual(problemsOf(file, whole), [], file)
  })

  it('tell what a mail would lack', () => {
    const problems = (content: string, file = 'password_reset.txt') => problemsOf(file, content).join('; ')
    assert.match(
      problems('Subject: x\n\n${ACTION_LINKS}\n'),
      /\$\{ACTION_LINKS\}.*did you mean ACTION_LINK\?.*does not name \$\{ACTION_LINK\}/,
    )
    assert.match(problems('Subject: ${ACTION_LINK}\n\n${ACTION_LINK}'), /in the subject/)
    assert.match(problems('Subject: ${ACTION_LINK}\n\nx'), /for which it is sent/)
    assert.match(problems(`Subject:\n\n\${ACTION_LINK}`), /empty subject/)
    assert.match(problems(`${whole}\${CHALLENGE_CODE}`), /has no value in this mail/)
    assert.match(problems('<img src="x">${ACTION_LINK}', 'password_reset.html'), /without alt/)
    assert.equal(problems('<img alt="" src="${LOGO}">${ACTION_LINK}', 'password_reset.html'), '')
    assert.match(problems('<html></html>', 'layout.html'), /every mail is empty/)
    assert.match(problems('passkey.aded: A\n', 'fr/sentences.txt'), /did you mean passkey\.added\?/)
    assert.match(problems('passkey.added: ${NAMES}\nwhat\n', 'fr/sentences.txt'), /\$\{NAMES\}.*no “key: sentence”/)
  })

  it('with the names of OX Guard are taken where they would do, and told of where not', () => {
    const code = '<p>${CHALLENGE_CODE}</p>'
    const { shelf, flaws } = adopted(
      new Map([
        ['resettempl.html', code],
        ['passwordtempl.html', '<p>$password</p>'],
        ['1-guestresettempl.html', '${ACTION_LINK}'],
        ['1-guest_account_reset.html', '${ACTION_LINK}!'],
      ]),
    )
    assert.deepEqual([...shelf].toSorted(), [
      ['1-guest_account_reset.html', '${ACTION_LINK}!'],
      ['guest_password_by_desk.html', code],
      ['guest_password_reset.html', code],
      ['key_password_reset.html', code],
    ])
    assert.deepEqual(
      flaws.map(({ file }) => file),
      ['passwordtempl.html', '1-guestresettempl.html'],
    )
    assert.match(flaws[0]!.problem, /guest_password.*\$\{CHALLENGE_CODE\}/)
  })

  it('have values to be looked at, and stand in the docs with all they may name', () => {
    const clock = { now: () => Date.UTC(2026, 0, 15, 12) }
    const ctx = { config: readConfig({}), clock, log: {} } as unknown as Writer
    for (const template of templateNames) {
      const { text } = letterFrom(ctx, { template, ...specimenOf(ctx, template, { locale: 'en' }) })
      assert.doesNotMatch(text, /undefined|\(\)| {2}\n|is {2}/)
      assert.ok(docs.includes(`\`${template}\``), template)
      const { must, may = [] } = rowOf(template)
      for (const name of [...must, ...may]) assert.ok(docs.includes(`\`${name}\``), name)
    }
  })
})
