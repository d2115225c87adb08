/** What a program says of itself, as far as it can be told: "Firefox" on "Windows". */
export interface Agent {
  client: string
  system: string | null
  kind: 'computer' | 'phone' | 'program'
}

// The first that fits counts: every browser also says that it is some others.
const clients: readonly (readonly [RegExp, string])[] = [
  [/\bThunderbird\//, 'Thunderbird'],
  [/\bK-9|\bThunderbird for Android/, 'Thunderbird'],
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|OPiOS)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Headless)?(Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*Safari\//, 'Safari'],
]

const systems: readonly (readonly [RegExp, string, Agent['kind']])[] = [
  [/\biPhone\b/, 'iPhone', 'phone'],
  [/\biPad\b/, 'iPad', 'phone'],
  [/\bAndroid\b/, 'Android', 'phone'],
  [/\bWindows\b/, 'Windows', 'computer'],
  [/\bCrOS\b/, 'ChromeOS', 'computer'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS', 'computer'],
  [/\bLinux\b|\bX11\b/, 'Linux', 'computer'],
]

/** Reads a User-Agent header; null when it says nothing that a person would know. */
export function readAgent(header: string): Agent | null {
  const system = systems.find(([sign]) => sign.test(header))
  const client = clients.find(([sign]) => sign.test(header))
  if (client) return { client: client[1], system: system?.[1] ?? null, kind: system?.[2] ?? 'program' }
  if (header.startsWith('Mozilla/')) return null
  // Programs begin with their own name: "curl/8.5.0".
  const name = /^([A-Za-z][\w .+-]{0,39}?)(\/|$)/.exec(header)?.[1]
  return name ? { client: name, system: system?.[1] ?? null, kind: 'program' } : null
}

/** A device is named by its owner, or else by what its browser said of itself. */
export const isAgentHeader = (name: string): boolean => name.startsWith('Mozilla/')
