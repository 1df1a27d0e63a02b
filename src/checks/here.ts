import { createConnection } from 'node:net'
import { block, type Check } from '../ask/check.ts'
import { askEndpoints } from '../cutover/handover/endpoints.ts'

/** Seconds. */
const patience = 5

/**
 * Why nothing comes back from a port to this machine; undefined when something does. A refusal is an answer too: the
 * packets find the way, and a frozen service has no open port. `seconds`: how long to wait.
 */
const whySilent = (address: string, port: number, seconds = patience): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: address, port })
    const end = (why?: string): void => {
      socket.destroy()
      resolve(why)
    }
    socket.setTimeout(seconds * 1000, () => end(`no answer in ${seconds} s`))
    socket.once('connect', () => end())
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? undefined : message),
    )
  })

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80)

const remedy =
  'Run swapctl where the APIs can be reached: a jump host carries its ssh connections, not its calls of the APIs'

const reached: Check['ask'] = async (context) => {
  const all = (await askEndpoints(context, 'source')).map(({ url, address }) => ({
    address,
    port: portOf(new URL(url)),
  }))
  const each = all.filter(
    (one, index) => all.findIndex(({ address, port }) => address === one.address && port === one.port) === index,
  )
  const found = await Promise.all(
    each.map(async ({ address, port }) => {
      const why = await whySilent(address, port)
      return why === undefined ? [] : [block(`${address}, port ${port}: ${why}`, remedy)]
    }),
  )
  return found.flat()
}

export const hereChecks: readonly Check[] = [
  {
    id: 'address/here',
    level: 'block',
    title: 'The moving addresses can be reached from the machine that swapctl runs on',
    source: 'README.md: the cutover calls the APIs at the moved addresses from the machine that swapctl runs on',
    why: 'The cutover would see no API answer after the move, and go back.',
    remedy,
    ask: reached,
  },
]
