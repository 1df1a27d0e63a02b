import { readFileSync } from 'node:fs'

/** Lines before the first that does something: what they say is for readers and the linter. */
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
 * A program whole, as a linter has to see it: with its head, and behind that the files which lines `# with: frames.py` of
 * the head name. Both are paths relative to the file that names them: `from` is the caller's import.meta.url.
 */
export const wholeProgram = (name: string, from: string): string => {
  const { head, body } = partsOf(new URL(name, from))
  return head + body
}

/** The same as it is sent to a machine: without the head and the words for the linter; a shell's ends without a line feed. */
export const programText = (name: string, from: string): string => {
  const body = partsOf(new URL(name, from)).body.replace(/^[ \t]*# shellcheck .*\n/gm, '')
  return name.endsWith('.py') ? body : body.trimEnd()
}
