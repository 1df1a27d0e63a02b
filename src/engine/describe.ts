import { shell } from '../hosts/host.ts'
import { hidden } from '../text/hidden.ts'
import { redact } from '../text/redact.ts'
import { readable } from '../text/units.ts'
import type { Action, Remote } from './step.ts'

export interface DescribeOptions {
  /** also print the lines of files that are written */
  readonly content?: boolean
}

const indent = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)

/** A program's standard input as a here document. */
const input = (stdin: string | undefined, secret: boolean): readonly string[] =>
  stdin === undefined || stdin === '' ? [] : secret ? [`    < ${hidden}`] : ['    <<EOF', ...indent(stdin), '    EOF']

const program = (remote: Remote): string => {
  const again = remote.again === undefined ? '' : `   # again while it exits ${remote.again.join(' or ')}`
  const refuses = remote.mayRefuse ? '   # may fail: the step allows it' : ''
  return `${remote.on}# ${shell(remote.argv)}${again}${refuses}`
}

const describeWrite = (action: Extract<Action, { readonly kind: 'write' }>, content: boolean): readonly string[] => {
  const { on, path, mode, owner = on === 'local' ? 'the user who runs swapctl' : 'root:root' } = action
  const size = readable(Buffer.byteLength(action.content))
  const shown = !content ? [] : action.secret === true ? [`    ${hidden}`] : indent(action.content)
  return [`${on}: write ${path}, mode ${mode}, owner ${owner}, ${size}`, ...shown]
}

/** SQL without its string literals; account names such as 'name'@'%' stay. */
const withoutTexts = (sql: string): string =>
  sql.replace(/('(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S])*")(\s*@)?/g, (all, _, at, offset: number) =>
    at !== undefined || /@\s*$/.test(sql.slice(Math.max(0, offset - 3), offset)) ? all : `'${hidden}'`,
  )

const followedBy = ({ frozen }: Extract<Action, { readonly kind: 'follow' }>, content: boolean): readonly string[] => {
  if (frozen === undefined) return []
  const all = (actions: readonly Action[]) => actions.flatMap((one) => words(one, content)).map((line) => `    ${line}`)
  return [...all(frozen.right), '  if the copy cannot be used:', ...all(frozen.otherwise)]
}

const words = (action: Action, content: boolean): readonly string[] => {
  switch (action.kind) {
    case 'exec':
      return [program(action), ...input(action.stdin, action.secret === true)]
    case 'pipe':
      return [
        `${program(action.from)}`,
        `  | ${program(action.to)}${action.talk === true ? '   # its output is the input of the first' : ''}`,
      ]
    case 'write':
      return describeWrite(action, content)
    case 'remove':
      return [`${action.on}# ${shell(['rm', '-rf', '--one-file-system', '--', action.path])}`]
    case 'sql':
      return action.statements.map(
        (sql) =>
          `${action.on}, MariaDB${action.database ? ` ${action.database}` : ''}> ${action.secret === true ? withoutTexts(sql) : sql};`,
      )
    case 'follow':
      return [
        `${action.on}: bring ${action.into} up to date with ${action.database} of ${action.from}: chunks of rows with other checksums are carried`,
        ...followedBy(action, content),
      ]
    case 'fixup':
      return [
        `${action.on}: fixup ${action.fixup} on ${action.database}` +
          Object.entries(action.args)
            .map(([name, value]) => ` ${name}=${value}`)
            .join(''),
      ]
  }
}

/** The commands an operator would type to do the same, one per line, without secrets. */
export const describe = (action: Action, options: DescribeOptions = {}): readonly string[] =>
  redact(words(action, options.content === true).join('\n')).split('\n')
