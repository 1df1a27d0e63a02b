import { askMaybe, lines } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import type { Argv, Host } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { filtered, parseConnections } from '../handover/connections.ts'
import { clock } from './probe-try.ts'
import type { Recorder } from './samples.ts'

/** Looks four times a second on the compute itself, over one connection; ends by itself after a day. */
const script = programText('look.sh', import.meta.url)

/** Prints the connections to these addresses at intervals. */
export const lookArgv = (addresses: readonly string[]): Argv => [
  'sh',
  '-c',
  script,
  'look',
  '(',
  ...addresses.flatMap((address, index) => [...(index === 0 ? [] : ['or']), 'dst', filtered(address)]),
  ')',
]

/** Records a compute's connections to the addresses whenever they change. Resolves with a function that stops it. */
const watch = async (host: Host, compute: string, addresses: readonly string[], to: Recorder): Promise<() => void> => {
  const job = await host.spawn({ argv: lookArgv(addresses) })
  let over = false
  let text = ''
  let last: string | undefined
  job.stdin.on('error', () => {})
  job.stdout.setEncoding('utf8')
  job.stdout.on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n.\n'); end >= 0; end = text.indexOf('\n.\n')) {
      const open = parseConnections(text.slice(0, end))
      text = text.slice(end + 2)
      const now = JSON.stringify(open)
      if (now !== last) to.add({ kind: 'look', at: clock(), compute, open })
      last = now
    }
  })
  const lost = (says: string): void => {
    if (!over) to.add({ kind: 'unseen', compute, says })
  }
  job.exit.then(
    ({ code, stderr }) => lost(stderr.trim() || `ss ended with ${code}`),
    (error: Error) => lost(error.message),
  )
  return () => {
    over = true
    job.kill()
  }
}

/** Watches every compute until told to stop. One that cannot be watched is recorded as such and stops nothing. */
export const watchComputes = async ({ config, hosts }: Context, to: Recorder): Promise<() => void> => {
  const addresses = config.addresses.map(({ address }) => address)
  const ends = await Promise.all(
    config.computes.map(({ name }) =>
      watch(hosts(`compute:${name}`), name, addresses, to).catch((error: Error) => {
        to.add({ kind: 'unseen', compute: name, says: error.message })
        return () => {}
      }),
    ),
  )
  return () => {
    for (const end of ends) end()
  }
}

/** The AMQP clients that the target's broker lists: '10.0.0.13:41234'. undefined: it cannot be asked. */
export const askBroker = ({ hosts }: Context): Promise<readonly string[] | undefined> =>
  askMaybe(hosts('target'), {
    argv: ['rabbitmqctl', '--quiet', 'list_connections', '--no-table-headers', 'peer_host', 'peer_port'],
    parse: (text) =>
      lines(text).map((line) =>
        line
          .trim()
          .replace(/^::ffff:/, '')
          .replace(/\s+/, ':'),
      ),
  })
