import type { Row } from '../rewrite/fixup.ts'
import { redact } from '../text/redact.ts'
import type { RuleTable } from './sql.ts'

/** Characters of context shown around a change. */
const around = 40

/**
 * A changed row before and after, in two lines: the key, what the rule read, the changed part of each changed column.
 */
export const excerpts = (
  { rule: { key, reads = [] }, columns }: Pick<RuleTable, 'rule' | 'columns'>,
  before: Row,
  after: Row | null,
): readonly [string, string] => {
  const looked = reads
    .filter((column) => before[column] !== undefined)
    .map((column) => ` ${column} ${said(before[column])}`)
  const id = `${key} ${before[key]}${looked.length > 0 ? ` (${looked.join(',').trim()})` : ''}`
  if (after === null) return [`${id}: ${columns.map((column) => said(before[column])).join(', ')}`, `${id}: deleted`]
  const changed = columns.filter((column) => before[column] !== after[column])
  const pairs = changed.map((column) => [column, ...cut(said(before[column]), said(after[column]))] as const)
  return [
    `${id}: ${pairs.map(([column, old]) => `${column} ${old}`).join(', ')}`,
    `${id}: ${pairs.map(([column, , fresh]) => `${column} ${fresh}`).join(', ')}`,
  ]
}

const said = (value: unknown): string => redact(String(value))

/** Both texts from shortly before their first difference to shortly after their last. */
const cut = (before: string, after: string): readonly [string, string] => {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start += 1
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return [part(before, start, end), part(after, start, end)]
}

const part = (text: string, start: number, end: number): string => {
  const [from, to] = [Math.max(0, start - around), Math.min(text.length, text.length - end + around)]
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`
}
