/** A string value in JSON text, and its position including quotes. */
export interface JsonString {
  readonly path: readonly (string | number)[]
  readonly start: number
  readonly end: number
  readonly value: string
}

interface Level {
  readonly array: boolean
  index: number
  key: string | undefined
}

/**
 * Every string value of a JSON text, in order; undefined when it is not JSON. Values are edited in place: parse and
 * stringify would change text written by Python (spaces, escapes, numbers beyond 2^53).
 */
export const jsonStrings = (text: string): readonly JsonString[] | undefined => {
  if (!isJson(text)) return undefined
  const levels: Level[] = []
  const found: JsonString[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    const level = levels.at(-1)
    if (character === '{' || character === '[') levels.push({ array: character === '[', index: 0, key: undefined })
    else if (character === '}' || character === ']') levels.pop()
    else if (character === ',') next(level)
    else if (character === '"') {
      const [start, end] = [at, endOf(text, at)]
      const value = plain(text.slice(start, end))
      if (level && !level.array && level.key === undefined) level.key = value
      else found.push({ path: pathOf(levels), start, end, value })
      at = end - 1
    }
  }
  return found
}

/** The end of the string that begins at `start` in valid JSON: after the next unescaped quote. */
const endOf = (text: string, start: number): number => {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
  }
}

/** Fast path: a million rows have twenty strings each, nearly all without escapes. */
const plain = (word: string): string => (word.includes('\\') ? JSON.parse(word) : word.slice(1, -1))

const next = (level: Level | undefined): void => {
  if (!level) return
  level.index += 1
  level.key = undefined
}

const pathOf = (levels: readonly Level[]): readonly (string | number)[] =>
  levels.map((level) => (level.array ? level.index : (level.key ?? '')))

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text with new values for these strings; every other byte is unchanged. */
export const replaceStrings = (
  text: string,
  changes: readonly { readonly at: JsonString; readonly value: string }[],
): string => {
  let rest = text
  for (const { at, value } of [...changes].sort((a, b) => b.at.start - a.at.start))
    rest = rest.slice(0, at.start) + JSON.stringify(value) + rest.slice(at.end)
  return rest
}
