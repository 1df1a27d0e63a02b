import { normalize } from 'node:path'
import { SwapError } from '../errors.ts'
import { command, failed, type Setting } from '../hosts/command.ts'
import { withDatabase } from '../hosts/db.ts'
import { brief, type Command, type Host, type Hosts } from '../hosts/host.ts'
import { runPipe } from '../hosts/pipe.ts'
import { runWrite } from '../hosts/write.ts'
import { type Limits, limitsOf } from '../limits.ts'
import type { Action, Of } from './step.ts'

export type FixupAction = Of<'fixup'>

/** Applies a named rule to the rows of a database and says what it did: '12 of 40 rows in block_device_mapping'. */
export type ApplyFixup = (action: FixupAction, host: Host) => Promise<string>

export interface Tools {
  readonly hosts: Hosts
  readonly fixups: ApplyFixup
  /** of commands and streams that have none of their own; the defaults when absent */
  readonly limits?: Partial<Limits>
}

/** online_data_migrations works through its rows in batches; a command that wants more turns than this is going round in circles. */
const mostTurns = 1000

const runExec = async (given: Of<'exec'>, host: Host, limit: number, { progress, mark }: Setting): Promise<void> => {
  const action = { limit, ...given }
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const output = await host.run(command(action, mark))
    if (output.code === 0) return
    if (!action.again?.includes(output.code)) throw failed(host, action.argv, output)
    progress?.(`${brief(action.argv)}: turn ${turn + 1}`)
  }
  throw new SwapError(
    host.name,
    `${brief(action.argv)} still asks to be run again after ${mostTurns} times`,
    'Run it by hand and look at what it says.',
  )
}

/** A path is removed with all that is under it, so it has to be one that somebody meant. */
const runRemove = async ({ path }: Of<'remove'>, host: Host): Promise<void> => {
  if (normalize(path) !== path || !/^(?:\/[^/]+){2,}$/.test(path))
    throw new SwapError(host.name, `refusing to remove '${path}'`, 'This is a mistake in swapctl: please report it.')
  const argv: Command['argv'] = ['rm', '-rf', '--one-file-system', '--', path]
  const output = await host.run({ argv, limit: 600 })
  if (output.code !== 0) throw failed(host, argv, output)
}

/** The server's own words may quote the statement: of a secret one only the error's name is told. */
const withoutStatement = (error: unknown, index: number, host: Host): SwapError => {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined
  return new SwapError(
    `${host.name}, MariaDB`,
    `statement ${index + 1} (not shown: it holds a secret) failed: ${cause?.code ?? 'no reason given'}`,
    'Run the same command again once the cause is mended.',
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

/** Does what an action says. Throws SwapError naming the machine, the command and the last it said. */
export const perform = async (action: Action, tools: Tools, setting: Setting = {}): Promise<void> => {
  switch (action.kind) {
    case 'exec':
      return runExec(action, tools.hosts(action.on), limitsOf(tools).command, setting)
    case 'pipe':
      return runPipe(action, tools.hosts, setting, limitsOf(tools).silence)
    case 'write':
      return runWrite(action, tools.hosts(action.on))
    case 'remove':
      return runRemove(action, tools.hosts(action.on))
    case 'sql':
      return runSql(action, tools.hosts(action.on))
    case 'fixup': {
      // Not inside progress?.(): what stands there is not even begun when nobody listens.
      const says = await tools.fixups(action, tools.hosts(action.on))
      return setting.progress?.(says)
    }
  }
}
