import { accepted, type CallOptions, requestOf, Unreachable, urlOf } from './client.ts'

export interface UploadOptions extends CallOptions {
  /** told how much of it has left, from 0 to 1; 1 means that the server works */
  onProgress?: (part: number) => void
}

/** The lines of a header as a browser gives them. */
function headersIn(text: string): Headers {
  const headers = new Headers()
  for (const line of text.trim().split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
  }
  return headers
}

/** As `send`, for what is large: `fetch` does not tell how far it has come. */
export function upload(path: string, { onProgress = () => {}, ...options }: UploadOptions): Promise<Response> {
  const { headers, body } = requestOf(options)
  const { signal } = options
  return new Promise<Response>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', urlOf(path, options.query))
    request.responseType = 'blob'
    for (const [name, value] of headers) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 1)
    request.upload.onload = () => onProgress(1)
    request.onerror = () => reject(new Unreachable())
    request.onabort = () => reject(new DOMException('', 'AbortError'))
    request.onload = () => {
      const { status, response } = request
      const about = { status, headers: headersIn(request.getAllResponseHeaders()) }
      resolve(new Response(status === 204 ? null : (response as Blob), about))
    }
    signal?.addEventListener('abort', () => request.abort(), { once: true })
    request.send(body as XMLHttpRequestBodyInit | null)
  }).then(accepted)
}
