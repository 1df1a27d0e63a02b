import { type Statement, statementsOf, type Word } from './shell-words.ts'

/** What can be read from the text of an openrc file. */
export interface OpenrcText {
  /** OS_ variables with literal values */
  readonly values: Readonly<Record<string, string>>
  /** what only a shell can evaluate: the OS_ variable, or the first word of a statement */
  readonly open: readonly NamedVariable[]
  /** programs that an openrc file has no need to run */
  readonly foreign: readonly NamedVariable[]
}

export interface NamedVariable {
  readonly name: string
  readonly line: number
}

const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/
const declares = new Set(['export', 'declare', 'typeset', 'readonly'])
/** Commands that set no variable and change nothing. */
const idle = new Set([':', 'true', 'set', 'umask', 'alias', 'echo', 'printf', 'shopt'])
/** Words that may precede a command. */
const before = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{'])
/** What openrc files use to ask for a password, unset old variables or source another file. */
const shellOnly = new Set(
  'fi done } for case esac [ [[ test read stty . source return local unset command type hash cd'.split(' '),
)

type Verdict = {
  readonly set?: Readonly<Record<string, string | undefined>>
  readonly open?: NamedVariable
  readonly foreign?: NamedVariable
}

const assigned = (words: readonly Word[], line: number): Verdict => {
  const set: Record<string, string | undefined> = {}
  for (const { text, expands } of words) {
    const [, name = '', value = ''] = assignment.exec(text) ?? []
    if (!name.startsWith('OS_')) continue
    if (expands) return { open: { name, line } }
    set[name] = value
  }
  return { set }
}

const commanded = ([head, ...rest]: readonly Word[], line: number): Verdict => {
  const name = head?.text ?? ''
  const named = { name, line }
  if (head === undefined || idle.has(name)) return {}
  if (head.expands && !shellOnly.has(name) && !assignment.test(name)) return { foreign: named }
  if (before.has(name)) return { ...commanded(rest, line), open: named }
  if (assignment.test(name))
    return rest.every(({ text }) => assignment.test(text)) ? assigned([head, ...rest], line) : { foreign: named }
  if (declares.has(name))
    return rest.some(({ text }) => text.startsWith('-') && text !== '-x') ? { open: named } : assigned(rest, line)
  if (name === 'unset' && rest.every(({ text, expands }) => !expands && /^(-v|\w+)$/.test(text)))
    return { set: Object.fromEntries(rest.map(({ text }) => [text, undefined])) }
  return shellOnly.has(name) ? { open: named } : { foreign: named }
}

const judge = ({ words, line, joined, writes }: Statement): Verdict => {
  if (writes !== undefined) return { foreign: { name: `> ${writes}`, line } }
  const verdict = commanded(words, line)
  const touches = verdict.set !== undefined && Object.keys(verdict.set).length > 0
  return joined && touches ? { open: { name: Object.keys(verdict.set ?? {})[0] ?? '', line } } : verdict
}

/** Reads literal values; reports the rest by variable and line. Runs nothing and reports no value. */
export const readOpenrcText = (text: string): OpenrcText => {
  const values: Record<string, string> = {}
  const open: NamedVariable[] = []
  const foreign: NamedVariable[] = []
  for (const statement of statementsOf(text)) {
    const verdict = judge(statement)
    if (verdict.open !== undefined) open.push(verdict.open)
    if (verdict.foreign !== undefined) foreign.push(verdict.foreign)
    for (const [name, value] of Object.entries(verdict.set ?? {}))
      if (value === undefined) delete values[name]
      else values[name] = value
  }
  return { values, open, foreign }
}
