export type ContentType = { type: string; parameters: Map<string, string> }

const parameter = /^\s*([!-'*-.0-9A-Z^-~]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/i

/**
 * Reads a Content-Type or Content-Disposition value, RFC 2045 section 5.1: type and parameters, names in lower case,
 * quotes removed, the parts of a split parameter (RFC 2231, section 3) joined. What cannot be read is left out.
 */
export function parseContentType(value: string | null): ContentType {
  const text = (value ?? '').slice(0, 4000)
  const semicolon = text.indexOf(';')
  const type = (semicolon === -1 ? text : text.slice(0, semicolon))
    .replace(/\([^()]*\)/g, '')
    .trim()
    .toLowerCase()
  const parameters = new Map<string, string>()
  let rest = semicolon === -1 ? '' : text.slice(semicolon + 1)
  while (rest !== '') {
    const found = parameter.exec(rest)
    if (found?.[1]) put(parameters, found[1].toLowerCase(), found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '')
    const next = rest.indexOf(';', found?.[0].length ?? 0)
    rest = next === -1 ? '' : rest.slice(next + 1)
  }
  return { type, parameters }
}

function put(parameters: Map<string, string>, name: string, value: string): void {
  const [plain = name, ...sections] = name.split('*')
  const isLaterSection = sections[0] !== undefined && /^[1-9]/.test(sections[0])
  if (isLaterSection) parameters.set(plain, (parameters.get(plain) ?? '') + value)
  else if (!parameters.has(plain)) parameters.set(plain, value)
}
