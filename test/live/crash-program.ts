// Started and killed by the crash tests: `execute` or `revert` of a small plan. Arguments: command, settings as JSON.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../../src/config.ts'
import { type Journal, newestFirst, openJournal } from '../../src/engine/journal.ts'
import { createReporter } from '../../src/engine/report.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import type { Action, Ask, Plan, Step } from '../../src/engine/step.ts'
import type { Command, Host, HostName, Hosts } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { sshHost } from '../../src/hosts/ssh.ts'

export interface Setting {
  readonly machine: Machine
  readonly directory: string
  /** seconds that a command takes */
  readonly takes: number
  /** exit right after this line of the journal, or while this command runs on a machine */
  readonly die?: { readonly after: 'line' | 'command'; readonly count: number }
}

const [verb, text] = process.argv.slice(2)
const setting = JSON.parse(text ?? '') as Setting
const file = (name: string) => join(setting.directory, name)
const die = () => process.kill(process.pid, 'SIGKILL')

let lines = 0
const afterLine = () => {
  lines += 1
  if (setting.die?.after === 'line' && setting.die.count === lines) die()
}

let commands = 0
/** Once `make` runs, its machine continues it after this process is gone; other commands are cut anywhere. */
const duringCommand = ({ argv }: Command) => {
  commands += 1
  if (setting.die?.after !== 'command' || setting.die.count !== commands) return
  const made = argv.indexOf('make')
  const atWork = () => made === -1 || existsSync(`${argv[made + 1]}.running`)
  setInterval(() => atWork() && die(), 60)
}

const mortal = (host: Host): Host => ({
  ...host,
  run: (command) => {
    duringCommand(command)
    return host.run(command)
  },
  spawn: (command) => {
    duringCommand(command)
    return host.spawn(command)
  },
})

const machines: Readonly<Record<string, Host>> = {
  local: mortal(localHost()),
  source: mortal(sshHost(setting.machine, 'source')),
  target: mortal(sshHost(setting.machine, 'target')),
}
const hosts: Hosts = (name) => machines[name] ?? machines['local'] ?? localHost()

/** Slow enough to be interrupted; two of the same at once would both report it. */
const script = 'mkdir "$1.running" || echo "$1" >> "$2"; sleep "$3"; touch "$1"; rmdir "$1.running"'
const make = (on: HostName, name: string): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', script, 'make', file(name), file('twice-at-once'), String(setting.takes)],
})

const step = (id: string, after: readonly string[], run: readonly Action[], undo?: Ask<readonly Action[]>): Step => ({
  id,
  phase: 'migrate',
  title: id,
  after,
  changes: ['source', 'target', 'local'],
  run: async () => run,
  undo: undo ?? (async () => [{ kind: 'remove', on: 'target', path: file(id.replace('/', '-')) }]),
})

const conf = file('conf')
const plan: Plan = [
  step('one/made', [], [make('source', 'one-made')]),
  step('two/made', ['one/made'], [make('target', 'two-made')]),
  step('three/made', ['one/made'], [make('target', 'three-made')]),
  step(
    'conf/written',
    ['one/made'],
    [{ kind: 'write', on: 'target', path: conf, mode: '0640', content: 'new' }],
    // Asked again after the change, this would take the new content for the old.
    async () => [{ kind: 'write', on: 'target', path: conf, mode: '0640', content: await readFile(conf, 'utf8') }],
  ),
  step(
    'four/piped',
    ['two/made', 'three/made'],
    [
      {
        kind: 'pipe',
        from: { on: 'source', argv: ['sh', '-c', 'echo all of; sleep 0.15; echo it'] },
        to: { on: 'target', argv: ['sh', '-c', 'cat > "$1.part" && mv "$1.part" "$1"', 'keep', file('four-piped')] },
        what: 'four',
      },
    ],
  ),
]

const journal = await openJournal(file('journal.jsonl'), 'crash')
const counted: Journal = {
  ...journal,
  append: async (event) => {
    await journal.append(event)
    afterLine()
  },
}
const engine = {
  hosts,
  journal: counted,
  parallel: 3,
  reporter: createReporter({ tty: false }),
  fixups: async () => '',
}
if (verb === 'execute') await execute(plan, engine)
else
  await revertSteps(
    newestFirst(journal).flatMap((id) => plan.find((one) => one.id === id) ?? []),
    engine,
  )
await Promise.all(Object.values(machines).map((host) => host.close()))
