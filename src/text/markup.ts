import { hidden } from './hidden.ts'
import { isSecret, type Rule } from './named.ts'
import { secretName } from './secrets.ts'

/** <nvpair name="passwd" value="x"/>, in either order, and <password>x</password> */
export const tags: Rule = (text) =>
  text
    .replace(/<[a-z][^<>]*>/gi, (tag) => {
      const name = /\sname=["']([\w.-]+)["']/.exec(tag)?.[1] ?? ''
      if (!secretName.test(name)) return tag
      return tag.replace(/(\svalue=)("[^"]*"|'[^']*')/, (all: string, before: string, value: string) =>
        isSecret(name, value) ? `${before}"${hidden}"` : all,
      )
    })
    .replace(
      /(<([\w.-]+)(?:\s[^<>]*)?>)([^<>]+)(?=<\/)/g,
      (all: string, before: string, name: string, value: string) =>
        isSecret(name, value) ? `${before}${hidden}` : all,
    )

const covered = (cell: string): string => ` ${hidden} `.padEnd(cell.length)

/** A row of a table: '| password | x |', or a column whose head is a secret's name. */
const row = (cells: readonly string[], columns: ReadonlySet<number>): string => {
  const value = cells.slice(2, -1).join('|')
  if (isSecret((cells[1] ?? '').trim(), value)) return ['', cells[1], covered(value), cells.at(-1)].join('|')
  return cells
    .map((cell, at) => (columns.has(at) && /\w/.test(cell.replaceAll(hidden, '')) ? covered(cell) : cell))
    .join('|')
}

const isEdge = (line = ''): boolean => line.startsWith('+-')

/** Tables of clients, drawn with + - and |. The head is the first line, if an edge follows. */
export const tables: Rule = (text) => {
  if (!text.includes('|')) return text
  let columns: ReadonlySet<number> = new Set()
  let inside = false
  const line = (one: string, at: number, all: readonly string[]): string => {
    if (isEdge(one)) return one
    if (!one.startsWith('|')) {
      inside = false
      columns = new Set()
      return one
    }
    const cells = one.split('|')
    const head = !inside && isEdge(all[at + 1])
    inside = true
    if (!head) return row(cells, columns)
    columns = new Set([...cells.keys()].filter((it) => secretName.test((cells[it] ?? '').trim())))
    // Two cells may be all that the table has: a name and its value.
    return cells.length === 4 ? row(cells, new Set()) : one
  }
  return text.split('\n').map(line).join('\n')
}

const indentation = (line: string): number => line.length - line.trimStart().length

/** YAML: password: | with the value on the next lines, as far as they are indented more than the name. */
export const blocks: Rule = (text) => {
  if (!/:[ \t]+[|>]/.test(text)) return text
  let deeper = -1
  const line = (one: string): string | undefined => {
    if (deeper >= 0 && (one.trim() === '' || indentation(one) > deeper)) return undefined
    deeper = -1
    const [, margin = '', name = ''] =
      /^([ \t]*(?:-[ \t]{1,8}){0,3})([\w.-]+):[ \t]+[|>][\d+-]{0,2}[ \t]*\r?$/.exec(one) ?? []
    if (!secretName.test(name)) return one
    deeper = margin.length
    return `${one}\n${' '.repeat(deeper + 2)}${hidden}`
  }
  return text
    .split('\n')
    .map(line)
    .filter((one) => one !== undefined)
    .join('\n')
}

/**
 * Where a string in JSON within JSON ends: at a quote after as many backslashes as the opening one has. A quote that
 * belongs to the value has more of them, and a backslash of the value is written as twice as many.
 */
const endOfString = (text: string, start: number, depth: number): number => {
  for (let at = start; at < text.length && text[at] !== '\n'; ) {
    let run = 0
    while (text[at + run] === '\\') run++
    if (text[at + run] === '"' && (run < depth || run % (2 * (depth + 1)) === depth))
      return at + Math.max(0, run - depth)
    at += run + 1
  }
  const line = text.indexOf('\n', start)
  return line < 0 ? text.length : line
}

/** \"auth_password\": \"x\" in JSON within JSON, and deeper. */
export const nested: Rule = (text) => {
  const begins = /(?<!\\)(?<depth>\\+)"(?<name>[\w-]+)\k<depth>"\s*:\s*\k<depth>"/g
  let result = ''
  let from = 0
  for (let match = begins.exec(text); match !== null; match = begins.exec(text)) {
    const { depth = '', name = '' } = match.groups ?? {}
    if (!secretName.test(name)) continue
    const end = endOfString(text, begins.lastIndex, depth.length)
    if (!isSecret(name, text.slice(begins.lastIndex, end))) continue
    result += text.slice(from, begins.lastIndex) + hidden
    from = end
    begins.lastIndex = end
  }
  return result + text.slice(from)
}
