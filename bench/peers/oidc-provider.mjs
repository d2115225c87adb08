import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

// The introspection endpoint over opaque tokens, asked by a confidential client. The store is a plain Map: the fastest
// that its documentation allows, and room for all tokens, which the one it brings for development has not.
const COUNT = Number(process.argv[2])
const kept = new Map()

class Store {
  constructor(kind) {
    this.kind = kind
  }
  #place = (id) => `${this.kind}:${id}`
  async upsert(id, payload) {
    kept.set(this.#place(id), payload)
  }
  async find(id) {
    return kept.get(this.#place(id))
  }
  async destroy(id) {
    kept.delete(this.#place(id))
  }
  async consume() {}
  async findByUid() {}
  async findByUserCode() {}
  async revokeByGrantId() {}
}

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`
const [id, secret] = ['bench', 'a secret of the bench, long enough for anybody']
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const provider = new Provider(url, {
  adapter: Store,
  clients: [
    {
      client_id: id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    devInteractions: { enabled: false },
  },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  ttl: { ClientCredentials: 86_400 },
  cookies: { keys: ['a key of the bench'] },
})
const client = await provider.Client.find(id)
const tokens = []
for (let n = 0; n < COUNT; n++) tokens.push(await new provider.ClientCredentials({ client }).save())
server.on('request', provider.callback())
const credentials = Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')
console.log(JSON.stringify({ url, tokens, authorization: `Basic ${credentials}` }))
