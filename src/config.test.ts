import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { BadSettings, readConfig, unknownSettings } from './config.ts'
import { environmentExample, printedConfig, settingsPage } from './config-text.ts'

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

describe('the settings', () => {
  it('have an example and a page that are not stale (npm run settings makes them anew)', () => {
    assert.equal(file('.env.example'), environmentExample())
    assert.equal(file('docs/settings.md'), settingsPage())
  })

  it('refuse a wrong value, with every fault listed and no value repeated', () => {
    const wrong = {
      CHATELAINE_LISTEN: 'nowhere',
      CHATELAINE_DATABASE_URL: 'mysql://u:hidden-word@h/db',
      CHATELAINE_TOKEN_LIFETIME: '-3',
      CHATELAINE_CODE_LIFETIME: '601',
      CHATELAINE_TRUSTED_PROXIES: '10.0.0.0/abc',
      CHATELAINE_PASSWORD_WIDTH: '9',
    }
    assert.throws(
      () => readConfig(wrong),
      (error: Error) => {
        assert.ok(error instanceof BadSettings)
        for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(name))
        assert.doesNotMatch(error.message, /hidden-word/)
        return true
      },
    )
  })

  it('say in plain words what a number or a choice may be', () => {
    const environment = {
      CHATELAINE_DATABASE_CONNECTIONS: '0',
      CHATELAINE_PASSWORD_WIDTH: '9',
      CHATELAINE_CONNECTIONS: 'many',
      CHATELAINE_DATABASE_PREPARE: 'no',
    }
    assert.throws(() => readConfig(environment), {
      message: [
        'CHATELAINE_DATABASE_CONNECTIONS: must be 1 at the least',
        'CHATELAINE_DATABASE_PREPARE: must be one of on, off',
        'CHATELAINE_PASSWORD_WIDTH: must be 3 at the most',
        'CHATELAINE_CONNECTIONS: must be a whole number',
      ].join('\n'),
    })
  })

  it('are printed with their secrets masked', () => {
    const printed = printedConfig(
      readConfig({
        CHATELAINE_ROOT_PASSWORD: 'hidden-one',
        CHATELAINE_SMTP_URL: 'smtp://user:hidden-two@mail.example.org:587',
        CHATELAINE_SMS_TOKEN: 'hidden-three',
        CHATELAINE_DATABASE_URL: 'postgres://user:hidden-four@db/name',
      }),
    )
    assert.doesNotMatch(printed, /hidden/)
    assert.match(printed, /CHATELAINE_SMTP_URL=smtp:\/\/user:\*+@mail\.example\.org:587/)
  })

  it('take an IPv6 listener and an empty variable as absent', () => {
    assert.deepEqual(readConfig({ CHATELAINE_LISTEN: '[::1]:16001' }).listen, { host: '::1', port: 16001 })
    assert.equal(readConfig({ CHATELAINE_SMTP_URL: '' }).smtpUrl, undefined)
  })

  it('lead a CardDAV password to one host only', () => {
    const at = (url: string) => () => readConfig({ CHATELAINE_CARDDAV_URL: url })
    const good = 'https://dav.example.org/{domain}/{user}/?of={user}'
    assert.equal(at(good)().carddavUrl, good)
    for (const url of [
      'https://dav.{domain}/{user}/',
      'https://{user}.example.org/',
      'https://{user}@dav.example.org/',
      'https://dav.example.org:{user}/',
      'https://dav.example.org{domain}/',
    ])
      assert.throws(at(url), /CHATELAINE_CARDDAV_URL: must/, url)
  })

  it('take places of services that are only places', () => {
    const services = (...text: string[]) => readConfig({ CHATELAINE_SERVICES: text.join(',') }).services
    const good = ['owgw=https://gw.example.org:16002/api/v1/|http://[::1]:17002', 'owfms=https://u:p$w@fms.example.org']
    assert.deepEqual(services(...good), good)
    for (const place of [
      "https://gw/'x",
      'https://gw/$'.concat('{x}'),
      'https://gw/;x',
      "https://g'w",
      'ftp://gw',
      'https://',
    ])
      for (const text of [`owgw=${place}`, `owgw=https://gw|${place}`]) assert.throws(() => services(text), BadSettings)
    for (const text of [
      'OWGW=https://gw',
      'owgw',
      'owgw=',
      'owgw=https://gw|',
      'owgw=https://gw|https://gw|https://gw',
    ])
      assert.throws(() => services(text), BadSettings)
  })

  it('name those that nobody reads', () => {
    assert.deepEqual(unknownSettings({ CHATELAINE_LISTEM: 'x', PATH: 'y' }), ['CHATELAINE_LISTEM'])
  })
})
