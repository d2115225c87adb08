/** The server gives each page a nonce, which style elements that are made in it have to bear. */
export const nonce = (): string => document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
