import { z } from 'zod'
import { type Contact, exportContacts, importContacts } from '#src/domain/contacts/contacts.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import type { Part } from '#src/http/multipart.ts'
import { FORM_LIMIT, filePart, sessionQuery } from './inputs.ts'
import { refuse } from './refuse.ts'

const folder = z.string().optional()

/** The first file of a form, by whatever name. */
function fileIn(body: Record<string, unknown>): Uint8Array {
  const files = Object.values(body).filter((value): value is Part => filePart.safeParse(value).success)
  const file = files.find(({ filename }) => filename !== null) ?? files[0]
  if (!file) throw new Refusal('input.invalid', { params: ['file'] })
  return file.data
}

const imported = (contacts: readonly Contact[]) => ({
  data: contacts.map(({ id, folder, modified }) => ({ id, folder_id: folder, last_modified: modified })),
  timestamp: Math.max(0, ...contacts.map(({ modified }) => modified)),
})

const wantsJson = ({ url, headers }: Incoming): boolean =>
  /\bapplication\/json\b/i.test(headers.get('accept') ?? '') ||
  ['plainJson', 'force_json_response'].some((name) => url.searchParams.get(name) === 'true')

/** What the App Suite's forms read: a page whose script hands the answer to the window that asked. */
function page(json: string): Response {
  const safe = json.replace(/[<>&\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const callback = '(parent["callback_import"] || window.opener && window.opener["callback_import"])'
  return new Response(`<!DOCTYPE html><html><head><script>${callback}(${safe})</script></head></html>`, {
    headers: { 'Content-Type': 'text/html; charset=UTF-8' },
  })
}

const importVcard = endpoint({
  at: 'POST /import?action=VCARD',
  what: 'Takes a vCard file into the address book; answers a page with a script, or JSON where that is asked for',
  who: 'a full session',
  takes: 'multipart',
  in: { query: z.looseObject({ ...sessionQuery, folder }), body: z.record(z.string(), z.unknown()) },
  limits: { body: FORM_LIMIT },
  async does(ctx, { query, body }, { account }, incoming) {
    const { origin } = incoming
    let answer: Response
    try {
      answer = jsonAnswer(
        imported(await importContacts(ctx, { account, folder: query.folder, file: fileIn(body), origin })),
      )
    } catch (error) {
      if (!isRefusal(error)) throw error
      answer = refuse(error, incoming, ctx)
    }
    return wantsJson(incoming) ? answer : page(await answer.text())
  },
})

const importAction = endpoint({
  at: 'POST /contacts?action=import',
  what: 'Takes a vCard file into the address book: as a form with a file in it, or as it is',
  who: 'a full session',
  takes: 'multipart or bytes',
  in: { query: z.looseObject({ ...sessionQuery, folder }), body: z.unknown() },
  out: z.object({ data: z.array(z.unknown()), timestamp: z.int() }),
  limits: { body: FORM_LIMIT },
  async does(ctx, { query, body }, { account }, { origin }) {
    const file = body instanceof Uint8Array ? body : fileIn(body as Record<string, unknown>)
    return imported(await importContacts(ctx, { account, folder: query.folder, file, origin }))
  },
})

const exportVcard = endpoint({
  at: 'GET /export?action=VCARD',
  what: 'An address book as a vCard file, with the keys that came with it',
  who: 'a full session',
  in: { query: z.looseObject({ ...sessionQuery, folder, id: z.string().optional() }) },
  async does(ctx, { query: { folder, id } }, { account }) {
    const ids = id === undefined ? undefined : new Set(id.split(','))
    return new Response(await exportContacts(ctx, { account, folder, ids }), {
      headers: {
        'Content-Type': 'text/x-vcard; charset=UTF-8',
        'Content-Disposition': 'attachment; filename="contacts.vcf"',
      },
    })
  },
})

export const contactFileEndpoints: Endpoint[] = [importVcard, importAction, exportVcard]
