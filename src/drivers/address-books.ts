/** Address books that are kept elsewhere. */
export interface AddressBooks {
  /** All cards of the person behind an address of ours, as vCards with the names they have there. Throws when it cannot be asked. */
  cardsOf(address: string): Promise<{ uid: string; card: string }[]>
}
