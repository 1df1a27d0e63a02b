import { join } from 'node:path'
import { type Ran, type RunOptions, run } from '../../lab/machines.ts'
import { project } from '../../lab/place.ts'

const script = join(project, 'lab', 'light.sh')

export type LightName = 'source' | 'target' | 'compute' | 'ctl2' | 'ctl3'

/** A set of light machines for this process: see lab/light.sh. */
export interface Light {
  /** moves from source to target; the source has it at first, on eth0 */
  readonly vip: string
  /** private key accepted by root's sshd on every machine */
  readonly key: string
  /** management address, on eth0 */
  address(machine: LightName): string
  /** as swapctl.ini wants it: SHA256:... */
  hostKey(machine: LightName): string
  /** prefix that runs a program of this machine in the operator's network */
  readonly operator: readonly string[]
  /** the same for a machine's network: its addresses and ports, this machine's files */
  network(machine: LightName): readonly string[]
  /** Runs a program inside a machine, not through ssh. Throws unless it exits 0. */
  inside(machine: LightName, argv: readonly string[], options?: RunOptions): Promise<string>
  /** Runs shell text inside a machine; throws unless all of it succeeds. */
  sh(machine: LightName, text: string, options?: RunOptions): Promise<string>
  /** Runs a program inside a machine; resolves with its result, whatever the exit code. */
  attempt(machine: LightName, argv: readonly string[], options?: RunOptions): Promise<Ran>
  /** for files of the test; removed with the machines */
  readonly folder: string
  /** Path of a machine's root on this machine, whether it is up or not. */
  root(machine: LightName): string
  /** Cuts the power without a shutdown; the disk stays as it is. */
  powerOff(machine: LightName): Promise<void>
  /** Clean shutdown. */
  halt(machine: LightName): Promise<void>
  /** Boots it with its current disk and waits until every unit has started or failed. */
  boot(machine: LightName): Promise<void>
  /** Unplugs or plugs the management cable. */
  link(machine: LightName | 'operator', state: 'up' | 'down'): Promise<void>
  /** Drops every packet between operator and machine until `fix`; other machines reach it. */
  cut(machine: LightName): Promise<void>
  fix(machine: LightName): Promise<void>
  /** Stops its sshd until `accept`: connections are reset and new ones refused. */
  refuse(machine: LightName): Promise<void>
  accept(machine: LightName): Promise<void>
  /** The command line with which another process does one of these. */
  command(...words: readonly string[]): readonly string[]
  /** Makes the current disks the state that `reset` returns to; once per set. */
  keep(): Promise<void>
  /** As after `open` or `keep`, including links and cuts. */
  reset(...machines: readonly LightName[]): Promise<void>
  /** Removes everything. */
  close(): Promise<void>
}

const call = async (set: string, words: readonly string[], options: RunOptions = {}): Promise<string> => {
  const { code, stdout, stderr } = await run(['bash', script, set, ...words], options)
  if (code !== 0)
    throw new Error(`light.sh ${set} ${words.join(' ').slice(0, 300)} ended with ${code}: ${stderr.trim()}`)
  return stdout
}

const environmentOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** Boots source and target, and the machines of `more`. `subject`: lower-case letters, identifies the test. */
export const openLight = async (subject: string, more: readonly LightName[] = []): Promise<Light> => {
  const set = `${subject}-${process.pid}`
  await call(subject, ['sweep'])
  try {
    await call(set, ['up', ...more], { limit: 1200 })
    return handle(set, environmentOf(await call(set, ['env'])))
  } catch (error) {
    await call(set, ['down'])
    throw error
  }
}

const handle = (set: string, env: Readonly<Record<string, string>>): Light => {
  const told = (name: string): string => {
    const value = env[`LIGHT_${name}`]
    if (value === undefined) throw new Error(`light.sh env does not tell LIGHT_${name}`)
    return value
  }
  const of = (machine: LightName, what: string) => told(`${machine.toUpperCase()}${what}`)
  const act = (...words: readonly string[]) => call(set, words, { limit: 300 }).then(() => {})
  const attempt: Light['attempt'] = (machine, argv, more) => run(['bash', script, set, 'exec', machine, ...argv], more)
  const inside: Light['inside'] = (machine, argv, more) => call(set, ['exec', machine, ...argv], more)
  return {
    vip: told('VIP'),
    key: told('KEY'),
    folder: told('RUN'),
    address: (machine) => of(machine, ''),
    hostKey: (machine) => of(machine, '_HOST_KEY'),
    operator: ['ip', 'netns', 'exec', told('OPERATOR_NETNS')],
    network: (machine) => ['ip', 'netns', 'exec', of(machine, '_NETNS')],
    inside,
    sh: (machine, text, more) => inside(machine, ['bash', '-euo', 'pipefail', '-c', text], more),
    attempt,
    root: (machine) => of(machine, '_ROOT'),
    powerOff: (machine) => act('off', machine),
    halt: (machine) => act('halt', machine),
    boot: (machine) => act('boot', machine),
    link: (machine, state) => act('link', machine, state),
    cut: (machine) => act('cut', machine),
    fix: (machine) => act('fix', machine),
    refuse: (machine) => act('refuse', machine),
    accept: (machine) => act('accept', machine),
    command: (...words) => ['bash', script, set, ...words],
    keep: () => act('keep'),
    reset: (...machines) => act('reset', ...machines),
    close: () => act('down'),
  }
}
