import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from './config.ts'
import type { Context } from './context.ts'
import { startSubmissions } from './submissions.ts'

const started = (settings: Record<string, string>) =>
  startSubmissions({ config: readConfig(settings) } as unknown as Context)
const address = { CHATELAINE_WKS_ADDRESS: 'key-submission@example.org' }
const listen = { CHATELAINE_WKS_LISTEN: '127.0.0.1:0' }

describe('the service that keys are mailed to', () => {
  it('is there with both an address and a listener, and with neither it is not', async () => {
    assert.equal(await started({}), null)
    await assert.rejects(started(address), /CHATELAINE_WKS_ADDRESS: needs CHATELAINE_WKS_LISTEN/)
    await assert.rejects(started(listen), /CHATELAINE_WKS_LISTEN: needs CHATELAINE_WKS_ADDRESS/)
    await assert.rejects(
      started({ ...address, ...listen, CHATELAINE_PUBLISH_KEYS: 'off' }),
      /CHATELAINE_PUBLISH_KEYS on/,
    )
    await assert.rejects(started({ ...listen, CHATELAINE_WKS_ADDRESS: 'nowhere' }), /no mail address/)
  })
})
