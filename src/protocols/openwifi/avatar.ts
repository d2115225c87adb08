import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { readAvatar, removeAvatar, setAvatar } from '#src/domain/accounts/accounts.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import type { Part } from '#src/http/multipart.ts'
import type { Door } from './doors.ts'
import { id } from './input.ts'

const path = z.object({ id })

/** How each kind travels: its true type for what is only pixels, and an SVG, which is a program, never as one. */
const files = {
  png: ['image/png', 'avatar.png'],
  jpeg: ['image/jpeg', 'avatar.jpg'],
  gif: ['image/gif', 'avatar.gif'],
  webp: ['image/webp', 'avatar.webp'],
  svg: ['application/octet-stream', 'avatar.bin'],
} as const

const read = (door: Door) =>
  endpoint({
    at: `GET ${door.avatar}/{id}`,
    what: 'The picture of a user, as a file',
    who: 'a session or key',
    in: { path },
    async does(ctx, { path }, { account: caller }) {
      const { kind, bytes } = await readAvatar(ctx, { caller, id: path.id, population: door.population })
      const [type, name] = files[kind]
      return new Response(Buffer.from(bytes), {
        headers: {
          'Content-Type': type,
          'Content-Disposition': `attachment; filename="${name}"`,
          'Content-Security-Policy': "default-src 'none'; sandbox",
          'Accept-Ranges': 'bytes',
          Expires: 'Mon, 26 Jul 2027 05:00:00 GMT',
        },
      })
    },
  })

const NOTHING = new Uint8Array()

/** The file of an upload: the body itself, or the one file of a form, whatever its field is called. */
function fileIn(body: Uint8Array | Record<string, Part>): Uint8Array {
  if (body instanceof Uint8Array) return body
  const parts = Object.values(body)
  const named = parts.filter(({ filename }) => filename !== null)
  const [file, ...more] = named.length > 0 ? named : parts
  return file && more.length === 0 ? file.data : NOTHING
}

const failed = { errorCode: 13, errorText: 'Avatar upload could not complete.' }

const set = (ctx: Context, door: Door) =>
  endpoint({
    at: `POST ${door.avatar}/{id}`,
    what: 'Give a user a picture: png, jpeg, gif, webp or svg, in a form or as it is',
    who: 'a session or key',
    takes: 'multipart or bytes',
    in: {
      path,
      body: z.custom<Uint8Array | Record<string, Part>>((value) => typeof value === 'object' && value !== null),
    },
    out: z.object({ avatarId: z.string(), errorCode: z.int(), errorText: z.string().optional() }),
    // Room for a picture that is too large: its sender is told so in the words of this endpoint.
    limits: { body: 2 * ctx.config.avatarLimit + 16_384 },
    async does(ctx, { path, body }, { account: caller }, { origin }) {
      const { population } = door
      try {
        await setAvatar(ctx, { caller, id: path.id, population, bytes: fileIn(body), origin })
      } catch (error) {
        if (isRefusal(error, 'picture.unusable')) return { avatarId: path.id, ...failed }
        throw error
      }
      return { avatarId: path.id, errorCode: 0 }
    },
  })

const remove = (door: Door) =>
  endpoint({
    at: `DELETE ${door.avatar}/{id}`,
    what: 'Take the picture of a user away',
    who: 'a session or key',
    in: { path },
    async does(ctx, { path }, { account: caller }, { origin }) {
      await removeAvatar(ctx, { caller, id: path.id, population: door.population, origin })
    },
  })

export const avatar = (ctx: Context, door: Door) => [read(door), set(ctx, door), remove(door)]
