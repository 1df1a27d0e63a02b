import { shell } from '../hosts/host.ts'
import { hidden, redact } from './redact.ts'
import type { Action, Remote } from './step.ts'
import { readable } from './units.ts'

export interface DescribeOptions {
  /** also the lines of files that are written */
  readonly content?: boolean
}

const indent = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)

/** The text behind a program's standard input, as a here document. */
const input = (stdin: string | undefined, secret: boolean): readonly string[] =>
  stdin === undefined || stdin === '' ? [] : secret ? [`    < ${hidden}`] : ['    <<EOF', ...indent(stdin), '    EOF']

const program = (remote: Remote): string => {
  const again = remote.again === undefined ? '' : `   # again while it exits ${remote.again.join(' or ')}`
  return `${remote.on}# ${shell(remote.argv)}${again}`
}

const describeWrite = (action: Extract<Action, { readonly kind: 'write' }>, content: boolean): readonly string[] => {
  const { on, path, mode, owner = 'root:root' } = action
  const size = readable(Buffer.byteLength(action.content))
  return [`${on}: write ${path}, mode ${mode}, owner ${owner}, ${size}`, ...(content ? indent(action.content) : [])]
}

const words = (action: Action, content: boolean): readonly string[] => {
  switch (action.kind) {
    case 'exec':
      return [program(action), ...input(action.stdin, action.secret === true)]
    case 'pipe':
      return [`${program(action.from)}`, `  | ${program(action.to)}`]
    case 'write':
      return describeWrite(action, content)
    case 'remove':
      return [`${action.on}# ${shell(['rm', '-rf', '--one-file-system', '--', action.path])}`]
    case 'sql':
      return action.statements.map(
        (sql) => `${action.on}, MariaDB${action.database ? ` ${action.database}` : ''}> ${sql};`,
      )
    case 'fixup':
      return [
        `${action.on}: fixup ${action.fixup} on ${action.database}` +
          Object.entries(action.args)
            .map(([name, value]) => ` ${name}=${value}`)
            .join(''),
      ]
  }
}

/** What an operator would type to do the same, one line per command, without secrets. */
export const describe = (action: Action, options: DescribeOptions = {}): readonly string[] =>
  redact(words(action, options.content === true).join('\n')).split('\n')
