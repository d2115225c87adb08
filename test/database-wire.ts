import { connect, createServer, type Server, type Socket } from 'node:net'

/** A wire between a server and its database that can fail as real ones do. */
export interface Wire {
  /** the database's URL by way of it */
  url: string
  /** Nothing comes through any more, in neither direction, and nothing is closed. */
  freeze(): void
  /** What was held back goes on its way. */
  thaw(): void
  /** Closes everything, and refuses whoever comes. */
  cut(): Promise<void>
  /** Lets them in again. */
  mend(): Promise<void>
  close(): Promise<void>
}

const listening = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })

/** Lays a wire to the database of a URL. */
export async function openWire(database: string): Promise<Wire> {
  const target = new URL(database)
  const ends = new Set<Socket>()
  let isFrozen = false

  function join(from: Socket, to: Socket): void {
    ends.add(from)
    from.on('data', (data) => to.write(data))
    from.on('error', () => {})
    from.on('close', () => {
      ends.delete(from)
      to.destroy()
    })
    if (isFrozen) from.pause()
  }

  const listen = () =>
    createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      join(near, far)
      join(far, near)
    })

  let server = listen()
  const port = await listening(server, 0)
  const url = new URL(database)
  url.host = `127.0.0.1:${port}`

  async function cut(): Promise<void> {
    for (const end of ends) end.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  return {
    url: url.href,
    freeze() {
      isFrozen = true
      for (const end of ends) end.pause()
    },
    thaw() {
      isFrozen = false
      for (const end of ends) end.resume()
    },
    cut,
    async mend() {
      server = listen()
      await listening(server, port)
    },
    close: cut,
  }
}
