/** A word of a shell script, without its quotes. */
export interface Word {
  readonly text: string
  /** contains something that a shell expands: $X, $(cmd), a glob */
  readonly expands: boolean
}

/** The words between two separators. */
export interface Statement {
  /** of its first word, from 1 */
  readonly line: number
  readonly words: readonly Word[]
  /** part of a pipe or list, or redirected */
  readonly joined: boolean
  /** the file it writes to */
  readonly writes?: string
}

/**
 * Alternatives in this order, each match starting where the last ended. An expansion is one token, because its content
 * is not a statement.
 */
const token =
  /(?<gone>\\\n)|(?<blank>[ \t]+)|(?<end>\n|;)|(?<redirect>\d*[<>]{1,3}&?\d*-?)|(?<join>[|&()])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[\s\S])*)"|\\(?<escaped>[\s\S])|(?<expansion>\$\{[^}]*\}|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|`[^`]*`|\$[A-Za-z_0-9@*#?$!'"-]|`|['"])|(?<glob>[*?[{~])|(?<plain>[\s\S])/gy

interface Scan {
  readonly found: Statement[]
  words: Word[]
  text: string | undefined
  expands: boolean
  joined: boolean
  /** '>' when the next word names a file to write, '<' one to read */
  redirect: string | undefined
  writes: string | undefined
  line: number
  began: number
}

const endWord = (scan: Scan): void => {
  if (scan.text === undefined) return
  if (scan.redirect === undefined) scan.words.push({ text: scan.text, expands: scan.expands })
  else if (scan.redirect.includes('>') && !scan.text.startsWith('/dev/')) scan.writes = scan.text
  ;[scan.text, scan.expands, scan.redirect] = [undefined, false, undefined]
}

const endStatement = (scan: Scan, joined: boolean): void => {
  endWord(scan)
  const { words, began: line, writes } = scan
  if (words.length > 0)
    scan.found.push({ line, words, joined: joined || scan.joined, ...(writes === undefined ? {} : { writes }) })
  ;[scan.words, scan.joined, scan.writes, scan.redirect] = [[], joined, undefined, undefined]
}

const add = (scan: Scan, text: string, expands = false): void => {
  if (scan.text === undefined && scan.words.length === 0) scan.began = scan.line
  scan.text = (scan.text ?? '') + text
  scan.expands ||= expands
}

const take = (scan: Scan, groups: Readonly<Record<string, string | undefined>>): void => {
  const { blank, end, redirect, join, single, double, escaped, expansion, glob, plain } = groups
  if (blank !== undefined) endWord(scan)
  else if (end !== undefined || join !== undefined) endStatement(scan, join !== undefined)
  else if (redirect !== undefined) {
    endWord(scan)
    scan.joined = true
    if (/[<>]$/.test(redirect)) scan.redirect = redirect
  } else if (double !== undefined)
    add(
      scan,
      double.replace(/\\(?:\n|([\\$"`]))/g, '$1'),
      /(?:^|[^\\])(?:\\\\)*(?:\$[A-Za-z_0-9@*#?$!({-]|`)/.test(double),
    )
  else if (expansion !== undefined) add(scan, expansion, true)
  else if (glob !== undefined) add(scan, glob, true)
  else add(scan, single ?? escaped ?? plain ?? '')
}

/**
 * Splits a script into statements and words, as in POSIX 2.2 and 2.3 (quotes, comments, continued lines). What it
 * cannot judge (an open quote, an expansion) is marked for a real shell.
 */
export const statementsOf = (text: string): readonly Statement[] => {
  const scan: Scan = {
    found: [],
    words: [],
    text: undefined,
    expands: false,
    joined: false,
    redirect: undefined,
    writes: undefined,
    line: 1,
    began: 1,
  }
  const rest = new RegExp(token)
  for (let at = 0; at < text.length; at = rest.lastIndex) {
    // '#' starts a comment only at the beginning of a word.
    const comment = scan.text === undefined ? /#[^\n]*/y : undefined
    if (comment !== undefined) {
      comment.lastIndex = at
      if (comment.test(text)) {
        rest.lastIndex = comment.lastIndex
        continue
      }
    }
    rest.lastIndex = at
    const match = rest.exec(text)
    if (match === null) break
    if (match.groups?.['gone'] === undefined) take(scan, match.groups ?? {})
    scan.line += match[0].split('\n').length - 1
  }
  endStatement(scan, false)
  return scan.found
}
