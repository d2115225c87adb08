import { bytesOf } from '../src/lib/openpgp/bulk/output.ts'
import { engine } from '../src/lib/openpgp/engine.ts'
import { sealFor } from '../src/lib/openpgp/messages.ts'
import type { GeneratedKey } from '../src/lib/openpgp/types.ts'
import { cpuOf } from './load.ts'

/** The engine alone in a process, as it is alone in its worker: nobody else's garbage is counted along. */
export interface Work {
  size: number
  recipients: Uint8Array[]
  signer: GeneratedKey
  reader: GeneratedKey
}

/** CPU milliseconds of the whole process, its helper threads included. */
export interface Costs {
  seal: number
  open: number
}

process.on('message', async ({ size, recipients, signer, reader }: Work) => {
  const document = new Uint8Array(Buffer.alloc(size, 'Twenty-six letters and a few more of them.\r\n'))
  const runs = size > 10_000_000 ? 1 : size > 100_000 ? 10 : recipients.length > 1 ? 20 : 100
  const now = Date.now()
  const sealing = async () => bytesOf(await sealFor([document], { recipients, signWith: signer.secret, now }))
  const message = await sealing()
  const reading = { secrets: [reader.secret], verifyWith: [signer.certificate], now }
  const opening = () => engine.decrypt({ message, ...reading })
  process.send?.({ seal: await cpuOf(sealing, runs), open: await cpuOf(opening, runs) } satisfies Costs)
})
