import { hidden } from './hidden.ts'

/**
 * What a server's error quotes of the rows it refused, and SQLAlchemy of the values it had sent: the data of a cloud's
 * users. Each rule is where the quote begins, what follows it, and how far it goes: 'line' is the last such end in its
 * line, 'text' that or else the first one in a later line, 'first' the next one.
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

/** One pass: a quote without its end is looked for once in its line, and once in the text. */
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
    // Nothing ends a quote in this line: nor does it one that begins later in it.
    begins.lastIndex = end >= 0 ? end : line < 0 ? text.length : line
    if (end < 0) continue
    result += text.slice(from, start) + hidden
    from = end
  }
  return result + text.slice(from)
}

/** The text without the rows that it quotes. Takes time in proportion to its length. */
export const withoutRows = (text: string): string => quotes.reduce(without, text)
