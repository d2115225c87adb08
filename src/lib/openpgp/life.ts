import type { Operations } from './types.ts'

const missing = async (): Promise<never> => {
  throw new Error('not built')
}

export const prepare: Operations['prepare'] = missing
export const setExpiry: Operations['setExpiry'] = missing
export const rotateSubkey: Operations['rotateSubkey'] = missing
export const applyRevocation: Operations['applyRevocation'] = missing
export const publishable: Operations['publishable'] = missing
export const minimal: Operations['minimal'] = missing
export const pictures: Operations['pictures'] = missing
export const encryptWithPassword: Operations['encryptWithPassword'] = missing
export const decryptWithPassword: Operations['decryptWithPassword'] = missing
