import { normalize } from 'node:path'
import { lastLines } from './channel.ts'
import { withDatabase } from './db.ts'
import { SwapError } from './errors.ts'
import { type Command, type Host, type Hosts, type Output, shell } from './host.ts'
import type { Action, Remote } from './step.ts'
import { flow } from './stream.ts'

export type FixupAction = Extract<Action, { readonly kind: 'fixup' }>

/** Applies a named rule to the rows of a database and says what it did: '12 of 40 rows in block_device_mapping'. */
export type ApplyFixup = (action: FixupAction, host: Host) => Promise<string>

export interface Tools {
  readonly hosts: Hosts
  readonly fixups: ApplyFixup
}

/** Around one action: where its progress is told, and the mark that its programs carry. */
export interface Setting {
  readonly progress?: (text: string) => void
  readonly mark?: string
}

type Of<Kind extends Action['kind']> = Extract<Action, { readonly kind: Kind }>

/** online_data_migrations works through its rows in batches; a command that wants more turns than this is going round in circles. */
const mostTurns = 1000

const command = ({ argv, stdin, limit }: Remote, mark: string | undefined): Command => ({
  argv,
  ...(mark === undefined ? {} : { mark }),
  ...(stdin === undefined ? {} : { stdin }),
  ...(limit === undefined ? {} : { limit }),
})

const failed = (host: Host, argv: Command['argv'], { code, stdout, stderr }: Output): SwapError => {
  const said = lastLines(stderr.trim() === '' ? stdout : stderr)
  return new SwapError(
    host.name,
    `${shell(argv)} exited ${code}${said === '' ? '' : `:\n${said}`}`,
    'Mend the cause and run the same command again.',
  )
}

const runExec = async (action: Of<'exec'>, host: Host, { progress, mark }: Setting): Promise<void> => {
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const output = await host.run(command(action, mark))
    if (output.code === 0) return
    if (!action.again?.includes(output.code)) throw failed(host, action.argv, output)
    progress?.(`${shell(action.argv)}: turn ${turn + 1}`)
  }
  throw new SwapError(
    host.name,
    `${shell(action.argv)} still asks to be run again after ${mostTurns} times`,
    'Run it by hand and look at what it says.',
  )
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** 1234567 -> '1.2 MiB' */
export const readable = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

const runPipe = async (action: Of<'pipe'>, hosts: Hosts, { progress, mark }: Setting): Promise<void> => {
  const began = Date.now()
  let last = 0
  const onBytes = (bytes: number) => {
    if (Date.now() - last < 500) return
    last = Date.now()
    const seconds = (last - began) / 1000
    progress?.(`${action.what}: ${readable(bytes)}, ${readable(bytes / Math.max(seconds, 0.001))}/s`)
  }
  await flow(
    { host: hosts(action.from.on), command: command(action.from, mark) },
    { host: hosts(action.to.on), command: command(action.to, mark) },
    onBytes,
  )
}

/**
 * Beside the file, then renamed over it: whoever reads it sees the old or the new content, never a part. A link is
 * written through. The length is compared because a connection that breaks looks like the end of the content.
 */
const writeScript = `set -e
path=$(readlink -f -- "$1" || printf %s "$1")
mkdir -p -- "$(dirname -- "$path")"
umask 077
new=$(mktemp -- "$path.XXXXXX")
trap 'rm -f -- "$new"' EXIT
cat > "$new"
test "$(wc -c < "$new")" -eq "$4" || { echo "the content broke off" >&2; exit 1; }
chown -- "$3" "$new"
chmod -- "$2" "$new"
sync -- "$new" 2>/dev/null || true
mv -f -- "$new" "$path"
trap - EXIT`

const runWrite = async (action: Of<'write'>, host: Host): Promise<void> => {
  const { path, mode, owner = 'root:root', content } = action
  const length = String(Buffer.byteLength(content))
  const output = await host.run({
    argv: ['sh', '-c', writeScript, 'write', path, mode, owner, length],
    stdin: content,
    limit: 120,
  })
  if (output.code !== 0) throw failed(host, ['write', path], output)
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
      return runExec(action, tools.hosts(action.on), setting)
    case 'pipe':
      return runPipe(action, tools.hosts, setting)
    case 'write':
      return runWrite(action, tools.hosts(action.on))
    case 'remove':
      return runRemove(action, tools.hosts(action.on))
    case 'sql':
      return runSql(action, tools.hosts(action.on))
    case 'fixup':
      return setting.progress?.(await tools.fixups(action, tools.hosts(action.on)))
  }
}
