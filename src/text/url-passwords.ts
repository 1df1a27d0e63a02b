import { hidden } from './hidden.ts'
import { loginless, loginsFrom } from './loginless.ts'
import type { Rule } from './named.ts'

const inWord = (part: string): string => {
  const end = part.lastIndexOf('@')
  for (let at = loginsFrom(part, 0); at >= 0 && at < end; at = loginsFrom(part, at)) {
    const user = /[:/@]/g
    user.lastIndex = at
    const stop = user.exec(part)
    if (stop?.[0] === ':' && /[a-z\d+.-]/i.test(part[at - 4] ?? ''))
      return `${part.slice(0, stop.index + 1)}${hidden}${part.slice(end)}`
  }
  return part
}

/** A password with a blank or a quote: up to the last @ of the word in which the first one is, not over another URL. */
const spread = new RegExp(
  String.raw`((?<![\w+.-])[a-z][\w+.-]{0,40}:\/\/(?!${loginless})[^\s:/@'"]{0,200}:)(?:(?!:\/\/)[^@\n]){1,200}@(?:[^\s@'"]*@)*`,
  'gim',
)

/** redis://x@h, where what stands before the @ is a token and not a user. */
const tokens = /(\b(?:rediss?|sentinel):\/\/)[^\s:/@'"]+@/gi

/** rabbit://nova:x@10.0.0.4:5672,nova:y@10.0.0.5:5672// within other text: from the first user to the last @ of the word. */
export const urlPasswords: Rule = (text) =>
  text
    .replace(/[^\s'"]+/g, inWord)
    .replace(spread, `$1${hidden}@`)
    .replace(tokens, `$1${hidden}@`)
