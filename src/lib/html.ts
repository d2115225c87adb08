/** A text as it stands between tags, and in an attribute with quotes around it. */
export const escapedHtml = (text: string): string => text.replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** HTML that may be put into other HTML as it is. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Html | readonly Html[]

const written = (value: Value): string => {
  if (value instanceof Html) return value.text
  return typeof value === 'object' ? value.map(({ text }) => text).join('\n') : escapedHtml(String(value))
}

/** Writes HTML from a template; every value is escaped that is no HTML itself. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(parts.reduce((all, part, at) => all + written(values[at - 1] ?? '') + part))
