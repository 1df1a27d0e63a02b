import { join } from 'node:path'
import { type Ran, type RunOptions, run } from '../../lab/machines.ts'
import { project } from '../../lab/place.ts'

const script = join(project, 'lab', 'light.sh')

export type LightName = 'source' | 'target' | 'compute'

/** A set of light machines of this process alone: lab/light.sh tells what they are. */
export interface Light {
  /** moves from source to target; the source holds it at the beginning, on eth0 */
  readonly vip: string
  /** private key that root's sshd of every machine knows */
  readonly key: string
  /** the management address, on eth0 */
  address(machine: LightName): string
  /** as swapctl.ini wants it: SHA256:... */
  hostKey(machine: LightName): string
  /** what stands before a program of this machine that is to run in the operator's network */
  readonly operator: readonly string[]
  /** the same for a machine's network: its addresses and ports, this machine's files */
  network(machine: LightName): readonly string[]
  /** Runs a program inside a machine, not through ssh. Throws unless it ends with 0. */
  inside(machine: LightName, argv: readonly string[], options?: RunOptions): Promise<string>
  /** Shell text inside a machine; throws unless all of it succeeds. */
  sh(machine: LightName, text: string, options?: RunOptions): Promise<string>
  /** What a program inside a machine answers, however it ends. */
  attempt(machine: LightName, argv: readonly string[], options?: RunOptions): Promise<Ran>
  /** for files of the test's own; gone with the machines */
  readonly folder: string
  /** Where a machine's root is seen from here, whether it is up or not. */
  root(machine: LightName): string
  /** Cuts the power: nothing is said to anybody, the disk stays as it is. */
  powerOff(machine: LightName): Promise<void>
  /** Clean shutdown. */
  halt(machine: LightName): Promise<void>
  /** Boots it with the disk as it is and waits until every unit has started or failed. */
  boot(machine: LightName): Promise<void>
  /** Pulls or plugs the management cable. */
  link(machine: LightName | 'operator', state: 'up' | 'down'): Promise<void>
  /** Every packet between operator and machine is dropped until `fix`; the others reach it. */
  cut(machine: LightName): Promise<void>
  fix(machine: LightName): Promise<void>
  /** Ends its sshd: what was connected is reset, who connects is refused, until `accept`. */
  refuse(machine: LightName): Promise<void>
  accept(machine: LightName): Promise<void>
  /** How another process does one of these: the words of a command line. */
  command(...words: readonly string[]): readonly string[]
  /** What is on the disks now is what `reset` goes back to; once in a set's life. */
  keep(): Promise<void>
  /** As after `open` or `keep`, links and cuts too. */
  reset(...machines: readonly LightName[]): Promise<void>
  /** Nothing of it is left. */
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

/** Boots source and target, and a compute if asked for. `subject`: small letters, tells whose they are. */
export const openLight = async (subject: string, options: { readonly compute?: boolean } = {}): Promise<Light> => {
  const set = `${subject}-${process.pid}`
  await call(subject, ['sweep'])
  try {
    await call(set, ['up', ...(options.compute === true ? ['compute'] : [])], { limit: 1200 })
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
