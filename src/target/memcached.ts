import { hears, type Listener, listeners } from '../ask/facts.ts'
import { ask, askMaybe, type Question, settled } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { listensAt, memcachedFile } from './memcached-settings.ts'

const file = '/etc/memcached.conf'
/** The source's settings; undefined without memcached. */
export const memcachedSettings: Question<string> = { argv: ['cat', file], parse: (text) => text }

export const memcachedStep = (context: Context): Step => {
  const { config, hosts } = context
  const wanted = async () => {
    const [source, target] = await Promise.all([
      askMaybe(hosts('source'), memcachedSettings),
      ask(hosts('target'), memcachedSettings),
    ])
    const carriedOnce = target.split('\n# as on the source\n')[0] as string
    return source === undefined ? target : memcachedFile(config, carriedOnce, source)
  }
  return {
    id: 'memcached/server',
    phase: 'prepare',
    title: "Start the target's memcached with the source's addresses and size",
    after: ['packages/quiet'],
    changes: ['target'],
    run: async () => [
      { kind: 'write', on: 'target', path: file, mode: '0644', content: await wanted() },
      exec('target', 'systemctl', 'enable', '--quiet', 'memcached.service'),
      exec('target', 'systemctl', 'restart', 'memcached.service'),
    ],
    undo: nothing,
    proof: async () => {
      const { port, addresses } = listensAt(await wanted())
      const missing = await settled(async () => {
        const found = (await ask(hosts('target'), listeners)).filter((one) => one.port === port)
        const places =
          addresses.length === 0 ? ['*'] : addresses.map((one) => (one === 'localhost' ? '127.0.0.1' : one))
        return places.filter((address) => !found.some((one) => takes(one, address)))
      })
      if (missing.length > 0)
        throw new SwapError(
          'target, memcached',
          `it does not listen on ${missing.join(', ')}, port ${port}`,
          'Check: journalctl -u memcached',
        )
      return `listens on ${addresses.join(', ') || 'every address'}, port ${port}`
    },
  }
}

/** Whether a socket listens there. `place`: an address, or a wildcard as in memcached's options. */
const takes = (one: Listener, place: string): boolean =>
  place === '*' ? ['*', '0.0.0.0', '::'].includes(one.address) : hears(one, place) || one.address === place
