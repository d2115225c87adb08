import { z } from 'zod'
import { needsCaptcha } from '#src/domain/accounts/accounts.ts'
import { makeCaptcha } from '#src/domain/throttles/captchas.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { query } from './shapes.ts'

// Each picture is a row, and a millisecond of drawing; a person needs one at a time.
const PER_SECOND = 5

/** The published API has "captha"; people who write clients will spell it right. */
const paths = ['/captha', '/captcha'] as const
type Path = (typeof paths)[number]

const status = (path: Path): Endpoint =>
  endpoint({
    at: `GET ${path}/status`,
    what: 'Whether the next cookie login of this name needs a captcha, be it anybody’s or not',
    who: 'anyone',
    in: { query: query.extend({ username: z.string() }) },
    out: z.object({ isRequired: z.boolean() }),
    does: async (ctx, { query }) => ({ isRequired: await needsCaptcha(ctx, query.username) }),
  })

const picture = (path: Path): Endpoint =>
  endpoint({
    at: `GET ${path}`,
    what: 'A captcha as PNG, for one cookie login of this name; X-Captcha-Id says which it is',
    who: 'anyone',
    // `t` is whatever a page puts there to get a new picture.
    in: { query: query.extend({ username: z.string(), t: z.string().optional() }) },
    limits: { perSecond: PER_SECOND },
    async does(ctx, { query }) {
      const { id, picture } = await makeCaptcha(ctx, query.username)
      return new Response(new Uint8Array(picture), { headers: { 'Content-Type': 'image/png', 'X-Captcha-Id': id } })
    },
  })

export const captchaEndpoints: readonly Endpoint[] = paths.flatMap((path) => [status(path), picture(path)])
