import { normalize } from 'node:path'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { brief, type Command, type Host, type Hosts, type Output } from '../hosts/host.ts'
import { type Limits, limitsOf } from '../limits.ts'
import { hidden } from '../text/hidden.ts'
import { command, failed, type Setting } from './machines/command.ts'
import { runPipe } from './machines/pipe.ts'
import { runWatched } from './machines/watched.ts'
import { runWrite } from './machines/write.ts'
import type { Action, Of } from './step.ts'

export type FixupAction = Of<'fixup'>

/** Applies a named rule to the rows of a database; resolves with a summary: '12 of 40 rows in block_device_mapping'. */
export type ApplyFixup = (action: FixupAction, host: Host) => Promise<string>

export type FollowAction = Of<'follow'>

/** Brings a copy up to date; `perform` performs the streams and what follows. Resolves with a summary. */
export type Follow = (
  action: FollowAction,
  tools: {
    readonly hosts: Hosts
    readonly perform: (action: Action) => Promise<void>
    readonly progress: (text: string) => void
  },
) => Promise<string>

export interface Tools {
  readonly hosts: Hosts
  readonly fixups: ApplyFixup
  readonly follow?: Follow
  /** limits of commands and streams that set none; defaults when absent */
  readonly limits?: Partial<Limits>
}

/** online_data_migrations works in batches; a command that needs more runs than this makes no progress. */
const mostTurns = 1000

/** A program's output may repeat its input. If the input is secret, lines and quoted texts from it are removed. */
const withoutInput = ({ secret, stdin }: Of<'exec'>, output: Output): Output => {
  if (secret !== true || stdin === undefined) return output
  const texts = [...stdin.split('\n').map((line) => line.trim()), ...quotedIn(stdin)].filter((text) => text.length >= 6)
  const present = [...new Set(texts)].sort((one, other) => other.length - one.length)
  const clean = (said: string): string => present.reduce((rest, text) => rest.replaceAll(text, hidden), said)
  return { code: output.code, stdout: clean(output.stdout), stderr: clean(output.stderr) }
}

const quotedIn = (text: string): readonly string[] =>
  [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g)].map(([, double, single]) => double ?? single ?? '')

/** systemd-run's exit code when the program was not run or did not end by itself. */
const notRun = 125

const runExec = async (
  given: Of<'exec'>,
  host: Host,
  limit: number,
  { progress, allowed = progress, mark }: Setting,
): Promise<void> => {
  const action = { limit, ...given }
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const output = await host.run(command(action, mark))
    if (output.code === 0) return
    if (action.mayRefuse && output.code !== notRun && !action.again?.includes(output.code)) {
      const said = output.stderr.trim().split('\n').at(-1) ?? ''
      allowed?.(`${host.name}: ${brief(action.argv)} exited ${output.code}, which the step allows: ${said}`)
      return
    }
    if (!action.again?.includes(output.code)) throw failed(host, action.argv, withoutInput(action, output))
    progress?.(`${brief(action.argv)}: run ${turn + 1}`)
  }
  throw new SwapError(
    host.name,
    `${brief(action.argv)} still reports unfinished work after ${mostTurns} runs`,
    'Run it by hand and check its output.',
  )
}

/** Removes recursively, so a path that looks like a mistake is refused. */
const runRemove = async ({ path }: Of<'remove'>, host: Host): Promise<void> => {
  if (normalize(path) !== path || !/^(?:\/[^/]+){2,}$/.test(path))
    throw new SwapError(host.name, `refusing to remove '${path}'`, 'This is a bug in swapctl: please report it.')
  const argv: Command['argv'] = ['rm', '-rf', '--one-file-system', '--', path]
  const output = await host.run({ argv, limit: 600 })
  if (output.code !== 0) throw failed(host, argv, output)
}

/** A server's error message may quote the statement; for a secret one only the error's name is reported. */
const withoutStatement = (error: unknown, index: number, host: Host): SwapError => {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined
  return new SwapError(
    `${host.name}, MariaDB`,
    `statement ${index + 1} (not shown: it holds a secret) failed: ${cause?.code ?? 'no reason given'}`,
    'Run the same command again once the cause is fixed.',
  )
}

const runSql = (action: Of<'sql'>, host: Host): Promise<void> => {
  const options = { readOnly: false, ...(action.database === undefined ? {} : { database: action.database }) }
  return withDatabase(host, options, async (db) => {
    for (const [index, statement] of action.statements.entries())
      await db.run(statement).catch((error: unknown) => {
        throw action.secret === true ? withoutStatement(error, index, host) : error
      })
  })
}

const runFollow = async (action: FollowAction, tools: Tools, setting: Setting): Promise<void> => {
  if (tools.follow === undefined)
    throw new SwapError('swapctl', `nothing here can follow ${action.database}`, 'This is a bug in swapctl: report it.')
  const says = await tools.follow(action, {
    hosts: tools.hosts,
    perform: (one) => perform(one, tools, setting),
    progress: (text) => setting.progress?.(text),
  })
  setting.progress?.(says)
}

/** Performs an action. Throws SwapError naming the machine, the command and the last lines of its output. */
export const perform = async (action: Action, tools: Tools, setting: Setting = {}): Promise<void> => {
  switch (action.kind) {
    case 'exec': {
      const { watch } = action
      const [host, limits] = [tools.hosts(action.on), limitsOf(tools)]
      return watch === undefined
        ? runExec(action, host, limits.command, setting)
        : runWatched({ ...action, watch }, host, setting, limits.silence)
    }
    case 'pipe':
      return runPipe(action, tools.hosts, setting, limitsOf(tools).silence)
    case 'write':
      return runWrite(action, tools.hosts(action.on))
    case 'remove':
      return runRemove(action, tools.hosts(action.on))
    case 'sql':
      return runSql(action, tools.hosts(action.on))
    case 'fixup': {
      // Not as an argument of progress?.(): that would not be evaluated without a listener.
      const says = await tools.fixups(action, tools.hosts(action.on))
      return setting.progress?.(says)
    }
    case 'follow':
      return runFollow(action, tools, setting)
  }
}
