import { hidden } from './hidden.ts'

/**
 * Users' data in error messages: rows that the server refused, and values that SQLAlchemy sent. Each rule gives where
 * the quote begins, what follows it, and how far it extends: 'line': to the last such end in its line; 'text': that, or
 * else the first one in a later line; 'first': the next one.
 */
interface Quote {
  readonly begins: RegExp
  readonly ends: readonly string[]
  readonly far: 'line' | 'text' | 'first'
}

const quotes: readonly Quote[] = [
  { begins: /\bDuplicate entry '/g, ends: ["' for key"], far: 'text' },
  {
    begins: /\bincorrect (?:[\w()]{1,40} ){0,3}value:? '/gi,
    ends: ["' for column", "' for function"],
    far: 'text',
  },
  { begins: /\bincorrect (?:[\w()]{1,40} ){0,3}value:? '(?!\[)/gi, ends: ["'"], far: 'line' },
  { begins: /\bsyntax to use near '/g, ends: ["' at line "], far: 'first' },
  { begins: /\[parameters: /g, ends: [']'], far: 'line' },
]

const first = (text: string, words: readonly string[], from: number): number =>
  words
    .map((word) => text.indexOf(word, from))
    .reduce((one, other) => (one < 0 || (other >= 0 && other < one) ? other : one))

const lastInLine = (text: string, words: readonly string[], from: number): number => {
  const end = text.indexOf('\n', from)
  const line = text.slice(from, end < 0 ? text.length : end)
  const at = Math.max(...words.map((word) => line.lastIndexOf(word)))
  return at < 0 ? -1 : from + at
}

const endOf = (text: string, { ends, far }: Quote, from: number): number => {
  const inLine = far === 'first' ? -1 : lastInLine(text, ends, from)
  return inLine >= 0 || far === 'line' ? inLine : first(text, ends, from)
}

/** One pass; the end of an unterminated quote is searched once per line and once in the text, to stay linear. */
const without = (text: string, quote: Quote): string => {
  const { begins } = quote
  let result = ''
  let from = 0
  begins.lastIndex = 0
  for (let match = begins.exec(text); match !== null; match = begins.exec(text)) {
    const start = begins.lastIndex
    const end = endOf(text, quote, start)
    if (end < 0 && quote.far !== 'line') break
    const line = text.indexOf('\n', start)
    // No end in the rest of this line, so later quotes in it have none either.
    begins.lastIndex = end >= 0 ? end : line < 0 ? text.length : line
    if (end < 0) continue
    result += text.slice(from, start) + hidden
    from = end
  }
  return result + text.slice(from)
}

/** The text without quoted rows. Runs in linear time. */
export const withoutRows = (text: string): string => quotes.reduce(without, text)
