/**
 * The words of another language: the same keys, and text for each. Plural forms may differ (`_one`, `_other`).
 */
export type Same<Words> = { readonly [Key in keyof Words]: Words[Key] extends string ? string : Same<Words[Key]> }
