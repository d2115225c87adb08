/** Watches bytes go by, and tells whether CR and LF came together only, as SMTP has it (RFC 5321, section 2.3.8). */
export interface LineJudge {
  read(piece: Uint8Array): void
  areClean(): boolean
}

const [CR, LF] = [0x0d, 0x0a]

/** Where one program sees the end of a line and another does not, a second mail can be hidden inside the first. */
export function lineJudge(): LineJudge {
  let isClean = true
  let last = 0
  return {
    read(piece) {
      if (!isClean || piece.length === 0) return
      // A CR at the end of the piece before waits for its LF.
      if (last === CR && piece[0] !== LF) isClean = false
      for (let at = piece.indexOf(LF); isClean && at !== -1; at = piece.indexOf(LF, at + 1))
        if ((at > 0 ? piece[at - 1] : last) !== CR) isClean = false
      for (let at = piece.indexOf(CR); isClean && at !== -1; at = piece.indexOf(CR, at + 1))
        if (at + 1 < piece.length && piece[at + 1] !== LF) isClean = false
      last = piece.at(-1)!
    },
    areClean: () => isClean && last !== CR,
  }
}
