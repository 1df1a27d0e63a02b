import { refuse, SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { programText } from '../text/program.ts'
import { type NamedVariable, readOpenrcText } from './openrc-text.ts'

export type Environment = Readonly<Record<string, string>>

const remedy =
  "Set openrc in [source] of the settings to the admin's openrc file, with literal values: export OS_PASSWORD='...'"

/** Seconds, because a file that prompts would wait for ever. */
const shellLimit = 30

/**
 * Reads the file as a login would: no input, output discarded, every variable exported. The variables are printed only
 * after the whole file, so a file that exits early yields nothing rather than half.
 */
const inner = programText('openrc-inner.sh', import.meta.url)

const outer = programText('openrc-outer.sh', import.meta.url)

const at = (all: readonly NamedVariable[]): string =>
  [...new Set(all.map(({ name, line }) => `${name} (line ${line})`))].slice(0, 5).join(', ')

const byShell = async (host: Host, path: string, open: readonly NamedVariable[]): Promise<Environment> => {
  const where = `${host.name}: ${path}`
  const { stdout } = await host
    .run({ argv: ['sh', '-c', outer, 'openrc', inner, path], limit: shellLimit })
    .catch((cause: unknown) => {
      throw new SwapError(where, `a shell did not reach the end of the file in ${shellLimit} s: ${at(open)}`, remedy, {
        cause,
      })
    })
  if (stdout === '') throw refuse(where, `a shell does not reach the end of the file: check ${at(open)}`, remedy)
  const all = stdout.split('\0').map((one) => /^(OS_\w+)=([\s\S]*)$/.exec(one))
  return Object.fromEntries(all.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])))
}

/** An empty value was to be typed at a terminal, or copied from an unset variable. */
const refuseEmpty = (where: string, env: Environment, open: readonly NamedVariable[]): void => {
  const empty = open.filter(({ name }) => name.startsWith('OS_') && (env[name] ?? '') === '')
  const asked = empty.filter(({ name }) => /PASSWORD|SECRET|AUTH_URL|USERNAME/.test(name))
  if (asked.length > 0)
    throw refuse(
      where,
      `these values are empty when a shell reads the file: ${at(asked)}. Does the file prompt for them?`,
      remedy,
    )
}

/**
 * The OS_ variables of an openrc file on a machine. Literal values are read from its text; a shell on the machine
 * evaluates the rest. Throws SwapError naming variable and line, never a value.
 */
export const readOpenrc = async (host: Host, path: string): Promise<Environment> => {
  const where = `${host.name}: ${path}`
  const { code, stdout, stderr } = await host.run({ argv: ['cat', path], limit: 60 })
  if (code !== 0) throw refuse(where, `cannot be read: ${stderr.trim()}`, remedy)
  if (/^clouds:\s*$/m.test(stdout))
    throw refuse(where, 'is a clouds.yaml', 'Set openrc in [source] to a file that contains: export OS_CLOUD=NAME')
  const { values, open, foreign } = readOpenrcText(stdout)
  if (foreign.length > 0)
    throw refuse(where, `does more than set variables, so swapctl does not run it: ${at(foreign)}`, remedy)
  const env = open.length === 0 ? values : await byShell(host, path, open)
  refuseEmpty(where, env, open)
  for (const [name, value] of Object.entries(env))
    if (/\p{Cc}/u.test(value))
      throw refuse(where, `${name} holds a control character; does the file have Windows line endings?`, remedy)
  return env
}
