/** How many letters have to be put in, taken out or replaced to make one word of another (Levenshtein). */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [row, letter] of [...from].entries()) {
    const next = [row + 1]
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(above[column]! + 1, next[column - 1]! + 1, replaced))
    }
    above = next
  }
  return above[to.length]!
}

/** Which of `words` was probably meant by a misspelt one; undefined when none is like it. For short words. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((one) => ({ one, far: distance(word.toLowerCase().slice(0, 80), one.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  return best && best.far <= Math.max(2, Math.floor(word.length / 3)) ? best.one : undefined
}
