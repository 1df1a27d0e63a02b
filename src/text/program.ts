import { readFileSync } from 'node:fs'

/** Leading comment lines, for readers and the linter only. */
const headLines = /^(?:#.*\n|\n)*/

interface Parts {
  readonly head: string
  readonly body: string
}

const partsOf = (path: URL): Parts => {
  const text = readFileSync(path, 'utf8')
  const head = headLines.exec(text)?.[0] ?? ''
  const others = [...head.matchAll(/^# with: (\S+)$/gm)].map(([, other = '']) => partsOf(new URL(other, path)).body)
  return { head, body: [...others, text.slice(head.length)].join('') }
}

/**
 * A whole program as a linter must see it: its head, then the files named by `# with: frames.py` lines of the head,
 * then the rest. Paths are relative to the file that names them; `from` is the caller's import.meta.url.
 */
export const wholeProgram = (name: string, from: string): string => {
  const { head, body } = partsOf(new URL(name, from))
  return head + body
}

/**
 * The program as it is sent to a machine: without the head and linter comments; a shell program without the last line
 * feed.
 */
export const programText = (name: string, from: string): string => {
  const body = partsOf(new URL(name, from)).body.replace(/^[ \t]*# shellcheck .*\n/gm, '')
  return name.endsWith('.py') ? body : body.trimEnd()
}
