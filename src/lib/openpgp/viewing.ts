import type { Operations } from './types.ts'

// Loaded when the first reader comes: what cleans HTML is large, and most workers never need it.
const reader = () => import('../mime/view.ts')

export const viewMail: Operations['viewMail'] = async ({ message }) => (await reader()).viewOfMail(message)

export const wholeViewOfMail: Operations['wholeViewOfMail'] = async ({ message }) =>
  (await reader()).wholeViewOfMail(message)

export const partOfMail: Operations['partOfMail'] = async ({ message, index }) =>
  (await reader()).partOfMail(message, index)
