/** Can it be the id of an item? What cannot is asked of no database. */
export const isItemId = (text: string): boolean => /^[\w-]{8,64}$/.test(text)
