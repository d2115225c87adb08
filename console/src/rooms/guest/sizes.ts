/** So many bytes, as people read it. */
export function sizeText(bytes: number, language: string): string {
  const kilo = Math.max(1, Math.round(bytes / 1000))
  const [value, unit] = kilo < 1000 ? [kilo, 'kB'] : [Math.round(kilo / 100) / 10, 'MB']
  return `${new Intl.NumberFormat(language).format(value)} ${unit}`
}
