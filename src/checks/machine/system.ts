import type { Context } from '../../context.ts'
import type { HostName } from '../../hosts/host.ts'
import { clock } from '../../source/facts.ts'
import { ask } from '../../source/question.ts'
import type { Check } from '../check.ts'
import { always, computes, each, once, sides, texts } from './once.ts'

/** Seconds by which a machine's clock is ahead of the operator's: half of the question's own time is taken off. */
const ahead = async (context: Context, name: HostName): Promise<number> => {
  const asked = Date.now() / 1000
  const said = await ask(context.hosts(name), clock)
  return said - (asked + Date.now() / 1000) / 2
}

/** Machines whose clocks are too far from the target's, one line each. Pure. */
export const apart = (
  found: readonly { readonly name: string; readonly ahead: number }[],
  target: number,
  most: number,
): readonly string[] =>
  found
    .map(({ name, ahead: by }) => ({ name, by: by - target }))
    .filter(({ by }) => Math.abs(by) >= most)
    .map(
      ({ name, by }) =>
        `the clock of ${name} is ${Math.abs(by).toFixed(1)} s ${by > 0 ? 'ahead of' : 'behind'} the target's`,
    )

const computeClocks = async (context: Context): Promise<readonly string[]> => {
  const names = computes(context)
  const found = await Promise.all(names.map(async (name) => ({ name, ahead: await ahead(context, name) })))
  return apart(found, context.survey.target.clock, 3)
}

/** Only far-off clocks of the operator count: its times stand in the journal and in reports. */
const ownClock = async ({ survey }: Context): Promise<readonly string[]> =>
  apart([{ name: 'this machine', ahead: 0 }], survey.target.clock, 30)

const zones = async (context: Context): Promise<readonly string[]> => {
  const [source, target] = await Promise.all(
    sides.map((side) => once(context, side, { argv: ['date', '+%z'], parse: (text) => text.trim() })),
  )
  return source === target ? [] : [`the source is at UTC${source}, the target at UTC${target}`]
}

/** `sshd -T`, as root. */
const sessions = async (context: Context, side: 'source' | 'target'): Promise<readonly string[]> => {
  const most = await once(context, side, {
    argv: ['/usr/sbin/sshd', '-T'],
    parse: (text) => Number(/^maxsessions (\d+)$/m.exec(text)?.[1] ?? 10),
  })
  return most === undefined || most >= 10 ? [] : [`sshd of the ${side} allows ${most} sessions on a connection`]
}

/** A proxy for everybody on a machine, and what is excepted from it: /etc/environment. Pure. */
export const proxyOf = (text: string): { readonly proxy: boolean; readonly except: readonly string[] } => {
  const value = (name: string): string =>
    new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*["']?([^"'\\s]*)`, 'im').exec(text)?.[1] ?? ''
  return {
    proxy: value('https?_proxy') !== '' || value('all_proxy') !== '',
    except: value('no_proxy')
      .split(',')
      .filter((one) => one !== ''),
  }
}

const proxy = async (context: Context, side: 'source' | 'target'): Promise<readonly string[]> => {
  const found = proxyOf((await once(context, side, texts(['/etc/environment'])))?.get('/etc/environment') ?? '')
  if (!found.proxy || found.except.includes('*')) return []
  return context.config.addresses
    .filter(({ address }) => !found.except.includes(address))
    .map(
      ({ address }) =>
        `programs on the ${side} would ask a proxy for ${address}: no_proxy in /etc/environment leaves it out`,
    )
}

/** The machines themselves. */
export const systemChecks: readonly Check[] = [
  {
    id: 'compute/clock',
    level: 'warn',
    title: 'Clocks of the computes',
    source: 'nova, service_down_time; known failure P78',
    remedy: 'Let it follow the same time servers (chrony): it would be taken for dead, or its tokens refused',
    before: always,
    look: computeClocks,
  },
  {
    id: 'local/clock',
    level: 'warn',
    title: "The operator's clock",
    source: 'known failure P78',
    remedy: 'Let this machine follow the same time servers: the times in the journal would fit no log',
    before: always,
    look: ownClock,
  },
  {
    id: 'both/time-zone',
    level: 'warn',
    title: 'Time zones',
    source: 'known failure P78',
    remedy: 'timedatectl set-timezone on the target: logs and cron jobs would move by the difference',
    before: always,
    look: zones,
  },
  {
    id: 'both/ssh-sessions',
    level: 'block',
    title: 'Sessions that sshd allows',
    source: 'sshd_config(5), MaxSessions: 10 unless told otherwise',
    remedy: 'Set MaxSessions 10 in sshd_config there, and reload it',
    before: always,
    look: (context) => each(sides, (side) => sessions(context, side)),
  },
  {
    id: 'both/proxy',
    level: 'warn',
    title: 'Proxies',
    source: 'requests documentation, proxies from the environment',
    remedy: 'Add the address to no_proxy there',
    before: always,
    look: (context) => each(sides, (side) => proxy(context, side)),
  },
]
