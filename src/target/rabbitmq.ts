import { listeners } from '../ask/facts.ts'
import { definitions } from '../ask/facts-rabbitmq.ts'
import { ask, settled } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { type Action, exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { listenAddresses } from './listen.ts'
import { differences, extraUsers, reduce } from './rabbitmq-definitions.ts'

const port = 5672
const file = '/etc/rabbitmq/conf.d/60-swapctl.conf'
const passing = '/run/swapctl-rabbitmq.json'

/** Only a broker with a configured address gets one; RabbitMQ's default is everywhere. */
const listenFile = async ({ config, hosts }: Context): Promise<readonly Action[]> => {
  const addresses = listenAddresses(config, await ask(hosts('source'), listeners), port)
  if (addresses.length === 0 || addresses.some((one) => one === '*' || one === '::')) return []
  const content = addresses.map((address, index) => `listeners.tcp.${index + 1} = ${bracketed(address)}:${port}\n`)
  return [
    exec('target', 'install', '-d', '-m', '0755', '/etc/rabbitmq/conf.d'),
    { kind: 'write', on: 'target', path: file, mode: '0644', content: content.join('') },
  ]
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

export const brokerStep = (context: Context): Step => {
  const { hosts } = context
  return {
    id: 'rabbitmq/server',
    phase: 'prepare',
    title: "Start the target's RabbitMQ on the source's addresses",
    after: ['packages/quiet'],
    changes: ['target'],
    run: async () => [
      ...(await listenFile(context)),
      exec('target', 'systemctl', 'enable', '--quiet', 'rabbitmq-server.service'),
      exec('target', 'systemctl', 'restart', 'rabbitmq-server.service'),
      { kind: 'exec', on: 'target', argv: ['rabbitmqctl', '-q', 'await_startup', '--timeout', '600'], limit: 660 },
    ],
    undo: nothing,
    proof: async () => {
      const listening = async () => (await ask(hosts('target'), listeners)).filter((one) => one.port === port)
      await settled(async () => ((await listening()).length === 0 ? ['silent'] : []))
      const found = await listening()
      if (found.length === 0)
        throw new SwapError(
          'target, RabbitMQ',
          `nothing listens on port ${port}`,
          'Check: journalctl -u rabbitmq-server',
        )
      return `listens on ${found.map((one) => one.address).join(', ')}`
    },
  }
}

export const definitionsStep = (context: Context): Step => {
  const { hosts } = context
  const wanted = async () => reduce(await ask(hosts('source'), definitions))
  const wrong = async () => differences((await wanted()).kept, reduce(await ask(hosts('target'), definitions)).kept)
  return {
    id: 'rabbitmq/definitions',
    phase: 'prepare',
    title: "Give the target's RabbitMQ the source's users, vhosts, permissions and policies",
    after: ['rabbitmq/server'],
    done: async () => ((await wrong()).length === 0 ? 'already the same on both sides' : undefined),
    changes: ['target'],
    run: async () => {
      const { kept } = await wanted()
      const extra = extraUsers(kept, await ask(hosts('target'), definitions))
      return [
        // From a file in memory: RabbitMQ 4.0 on Erlang 27 never sees the end of its standard input.
        {
          kind: 'write',
          on: 'target',
          path: passing,
          mode: '0600',
          owner: 'rabbitmq:rabbitmq',
          content: JSON.stringify(kept),
          secret: true,
        },
        { kind: 'exec', on: 'target', argv: ['rabbitmqctl', '-q', 'import_definitions', passing], limit: 120 },
        { kind: 'remove', on: 'target', path: passing },
        ...extra.map((user) => exec('target', 'rabbitmqctl', '-q', 'delete_user', user)),
      ]
    },
    undo: async () => [{ kind: 'remove', on: 'target', path: passing }],
    proof: async () => {
      const complaints = await wrong()
      if (complaints.length > 0)
        throw new SwapError('target, RabbitMQ', complaints.join('\n  '), 'Run the same command again')
      const { kept, dropped } = await wanted()
      const said = `${kept.users.length} users with the same password hashes, ${kept.vhosts.length} vhosts, ${kept.permissions.length} permissions`
      return dropped.length === 0
        ? said
        : `${said}; without mirroring, which this RabbitMQ does not support: ${dropped.join(', ')}`
    },
  }
}
