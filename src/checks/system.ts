import { lines } from '../ask/question.ts'
import type { Context } from '../context.ts'
import type { HostCheck } from './host-check.ts'
import { each, once, sides, texts } from './once.ts'

/** Machines whose clocks differ too much from the target's, one line each. */
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

/** The operator's clock only has to be roughly right: its times are in the journal and the reports. */
const ownClock = async ({ survey }: Context): Promise<readonly string[]> =>
  apart([{ name: 'this machine', ahead: 0 }], survey.target.clock, 30)

/** Whether /etc/environment sets a proxy for everybody, and its exceptions. */
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
        `programs on the ${side} would use a proxy to reach ${address}: it is not in no_proxy of /etc/environment`,
    )
}

const reboot = async (context: Context): Promise<readonly string[]> => {
  const found = await once(context, 'target', {
    argv: ['find', '/run/reboot-required', '/var/run/reboot-required', '-maxdepth', '0'],
    codes: [1],
    parse: lines,
  })
  return (found ?? []).length > 0 ? ['the target waits for a reboot after an upgrade'] : []
}

export const systemChecks: readonly HostCheck[] = [
  {
    id: 'local/clock',
    level: 'warn',
    title: "This machine's clock agrees with the target's",
    source: 'chronyc(1), tracking',
    why: 'Times in the journal and the reports would not match the logs.',
    remedy: 'Use the same time servers on this machine (chrony)',
    look: ownClock,
  },
  {
    id: 'both/proxy',
    level: 'warn',
    title: 'Moving addresses bypass the proxy',
    source: 'requests documentation, proxies from the environment',
    why: 'Programs would reach the APIs through a proxy and get no answer.',
    remedy: 'Add the address to no_proxy there',
    look: (context) => each(sides, (side) => proxy(context, side)),
  },
  {
    id: 'target/reboot-required',
    level: 'warn',
    title: 'The target needs no reboot',
    source: 'update-notifier: /run/reboot-required',
    why: 'A reboot later would interrupt the new controller.',
    remedy: 'Reboot the target before the swap',
    look: reboot,
  },
]
