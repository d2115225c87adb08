import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { effort } from './effort-testing.ts'
import { type Card, type PostalAddress, readCards, writeCard } from './vcard.ts'

const read = (text: string | Uint8Array): Card[] => [...readCards(Buffer.from(text as string))]
const card = (...lines: string[]): string => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n')
const base64 = (bytes: number): string => Buffer.alloc(bytes, 'key').toString('base64')

describe('vCards', () => {
  it('reads version 4.0', () => {
    const [anna] = read(
      card(
        'VERSION:4.0',
        'UID:urn:uuid:1',
        'FN:Dr. Anna\\, née B',
        'N:Beispiel;Anna;Maria,Luise;Dr.;',
        'item1.EMAIL;TYPE="work,x";PREF=1:Anna@Example.org',
        'EMAIL;TYPE=home:mailto:anna@home.example',
        'TEL;VALUE=uri;TYPE="cell,voice":tel:+49-1',
        'ADR;TYPE=home:;;Street 1\\, back;Berlin;BE;10115;Germany',
        'ORG:Example;Research',
        'BDAY:19800203',
        'NOTE:first\\nsecond',
        `KEY:data:application/pgp-keys;base64,${base64(60)}`,
        'KEY;MEDIATYPE=application/pgp-keys:https://example.org/key.asc',
      ),
    )
    assert.ok(anna)
    assert.deepEqual(anna.emails, ['Anna@Example.org', 'anna@home.example'])
    assert.deepEqual(
      [anna.uid, anna.displayName, anna.firstName, anna.lastName, anna.middleName, anna.prefix],
      ['urn:uuid:1', 'Dr. Anna, née B', 'Anna', 'Beispiel', 'Maria Luise', 'Dr.'],
    )
    assert.deepEqual([anna.company, anna.department, anna.note], ['Example', 'Research', 'first\nsecond'])
    assert.deepEqual(anna.phones, [{ types: ['cell', 'voice'], number: '+49-1' }])
    assert.equal(anna.addresses[0]?.street, 'Street 1, back')
    assert.equal(anna.birthday, Date.UTC(1980, 1, 3))
    // The link is no key: nobody follows it.
    assert.deepEqual(
      anna.keys.map((key) => key.length),
      [60],
    )
  })

  it('reads version 3.0, folded, with a key in it', () => {
    const key = base64(90).replace(/(.{20})/g, '$1\r\n ')
    const [bert] = read(
      card('VERSION:3.0', 'FN:Be', ' rt', 'KEY;ENCODING=b;TYPE=PGP:', ` ${key}`, 'EMAIL:b@example.org'),
    )
    assert.equal(bert?.displayName, 'Bert')
    assert.equal(bert?.keys[0]?.length, 90)
    const armored = '-----BEGIN PGP PUBLIC KEY BLOCK-----\\n\\nAAAA\\n-----END PGP PUBLIC KEY BLOCK-----'
    const [text] = read(card('VERSION:3.0', 'FN:B', `KEY;TYPE=PGP;VALUE=text:${armored}`))
    assert.match(Buffer.from(text!.keys[0]!).toString(), /BLOCK-----\n\nAAAA\n/)
    const [escaped] = read(card('VERSION:3.0', 'FN:B', `KEY:data:application/pgp-keys\\;base64\\,${base64(60)}`))
    assert.equal(escaped?.keys[0]?.length, 60)
    const [other] = read(card('VERSION:3.0', 'FN:B', `KEY:data:application/pkix-cert;base64,${base64(60)}`))
    assert.deepEqual(other?.keys, [])
  })

  it('reads version 2.1: quoted-printable, bare types, other charsets', () => {
    const [jörg] = read(
      card(
        'VERSION:2.1',
        'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6=',
        'rg;;;',
        'NOTE;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:gr=FC=DFe=0D=0Aaus',
        'EMAIL;INTERNET;HOME:joerg@example.org',
        'TEL;CELL;VOICE:+49 1',
      ),
    )
    assert.deepEqual([jörg?.displayName, jörg?.note], ['Jörg Müller', 'grüße\naus'])
    assert.deepEqual([jörg?.emails, jörg?.phones[0]?.types], [['joerg@example.org'], ['cell', 'voice']])
    const [latin] = read(Buffer.from(card('VERSION:2.1', 'FN:J\u00f6rg'), 'latin1'))
    assert.equal(latin?.displayName, 'Jörg')
    const [wide] = read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(card('FN:Jörg'), 'utf16le')]))
    assert.equal(wide?.displayName, 'Jörg')
  })

  it('leaves out what it cannot understand, and reads the rest', () => {
    const cards = read(
      `garbage\r\n${card('VERSION:4.0', 'no colon', 'X;=:y', ';;;:', 'FN:A', 'EMAIL;TYPE="open:x@y', 'BDAY:--0203')}` +
        `BEGIN:VCARD\r\nFN:lost\r\n${card('constructor:x', '__proto__;toString=1:x', 'FN:B', 'BDAY:20230230')}END:VCARD`,
    )
    assert.deepEqual(
      cards.map(({ displayName, birthday }) => [displayName, birthday]),
      [
        ['A', null],
        ['B', null],
      ],
    )
    assert.deepEqual(read(''), [])
    assert.deepEqual(read(Buffer.from([0, 0xff, 0xfe, 0x80])), [])
  })

  it('does not hang on what was made to make it hang', () => {
    const million = 1024 * 1024
    const hostile = [
      'BEGIN:VCARD\n'.repeat(million / 12),
      card(`KEY:${' '.repeat(million)}!`),
      card(`KEY:${'\t '.repeat(million / 2)}!`),
      card(`FN:${'\\'.repeat(million)}`),
      card(`N:${';'.repeat(million)}`),
      card(`ADR:${',;'.repeat(million / 2)}`),
      card(`ORG:${'\\,;'.repeat(million / 3)}`),
      card(`X;${'a="'.repeat(million / 3)}:x`),
      card(`EMAIL;${'TYPE=a;'.repeat(million / 7)}TYPE=b:x@y`),
      card(`NOTE;QUOTED-PRINTABLE:${'=\r\n'.repeat(million / 3)}`),
      card(`NOTE;QUOTED-PRINTABLE:${'=41'.repeat(million / 3)}`),
      card(`FN:x${'\r\n '.repeat(million / 3)}`),
      card('EMAIL:a@b\r\n'.repeat(million / 11)),
      card(`TEL:${'1'.repeat(million)}`),
      `${card('FN:A')}`.repeat(million / 35),
      '\n'.repeat(million),
    ]
    for (const [index, file] of hostile.entries()) {
      const spent = effort()
      const cards = read(file)
      const took = spent()
      assert.ok(took < 2000, `${index} took ${took} ms`)
      for (const one of cards.slice(0, 100)) assert.ok(one.displayName.length <= 4100 && one.emails.length <= 20)
    }
  })

  it('throws on nothing', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'BEGIN:VCARD\n',
        'END:VCARD\n',
        'FN:',
        'KEY;',
        'N:;',
        'TYPE=',
        '"',
        ':',
        ';',
        ',',
        '\\',
        '\n ',
        '=\n',
      ),
      fc.constantFrom(
        'ENCODING=QUOTED-PRINTABLE',
        'VERSION:4.0\n',
        'VALUE=uri',
        'BDAY;VALUE=date-time:',
        'TEL',
        'data:',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const one of read(`BEGIN:VCARD\n${pieces.join('')}\nEND:VCARD\n`)) writeCard(one)
      }),
      { numRuns: 2000 },
    )
  })

  it('writes no lines but its own, whatever a text holds', () => {
    const bad = 'a\rEMAIL:evil@example.org\r\nb\u2028c\u0085d'
    const [empty] = read(card('FN:A'))
    const texts = { uid: bad, displayName: bad, lastName: bad, company: bad, note: bad, url: bad }
    const phones = [{ types: [bad, 'home'], number: bad }]
    const written = writeCard({ ...empty!, ...texts, emails: [bad], phones })
    const names = written.split(/[\r\n\u2028\u0085]+/).map((line) => /^[A-Z]+(?=[:;])/.exec(line)?.[0])
    assert.equal(names.filter((name) => name === 'EMAIL').length, 1)
    const [again, ...more] = read(written)
    assert.deepEqual(more, [])
    assert.equal(again?.note, 'a\nEMAIL:evil@example.org\nb c d')
    assert.equal(again?.phones.length, 1)
  })

  it('writes what it reads', () => {
    // Line separators are dropped on the way out. A component that ends with a backslash is read wrongly by ical.js, which
    // takes the semicolon behind it for part of the text.
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((value) =>
      value
        .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
        .replace(/[\\\s]+$/, '')
        .trim(),
    )
    const filled = text.filter((value) => value !== '')
    const cards = fc.record({
      uid: filled,
      displayName: filled,
      firstName: text,
      lastName: filled,
      middleName: text,
      prefix: text,
      suffix: text,
      nickname: text,
      company: filled,
      department: text,
      position: text,
      note: text,
      url: fc.constantFrom('', 'https://example.org/?a=b;c,d'),
      birthday: fc.constantFrom(null, Date.UTC(1980, 1, 3)),
      emails: fc.uniqueArray(fc.constantFrom('a@example.org', 'B@example.org'), { maxLength: 2 }),
      phones: fc.constant<Card['phones']>([{ types: ['cell'], number: '+49 1' }]),
      addresses: fc.constant<PostalAddress[]>([]),
      keys: fc.array(
        fc.uint8Array({ minLength: 40, maxLength: 90 }).map((key) => Buffer.from(key)),
        { maxLength: 2 },
      ),
    })
    fc.assert(
      fc.property(cards, (one) => assert.deepEqual(read(writeCard(one)), [{ ...one }])),
      { numRuns: 300 },
    )
  })
})
