import { setTimeout as sleep } from 'node:timers/promises'
import { inside, linesOf, tryInside } from '../machines.ts'
import type { Place } from '../place.ts'
import { demandNone, type Proof } from '../proof.ts'

type Holder = 'source' | 'target'

interface IpLink {
  readonly ifname: string
  readonly address: string
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[]
}

const askLinks = async (machine: Holder): Promise<readonly IpLink[]> =>
  JSON.parse(await inside(machine, ['ip', '-j', 'address', 'show'])) as IpLink[]

const macOf = async (machine: Holder): Promise<string> =>
  (await askLinks(machine)).find(({ ifname }) => ifname === 'eth0')?.address ?? 'none'

/** Every MAC address that answers ARP for an address, asked from the compute node. */
const askAnswering = async (address: string): Promise<readonly string[]> => {
  const { stdout } = await tryInside('compute', ['arping', '-b', '-c', '3', '-w', '3', '-I', 'eth0', address])
  return [
    ...new Set([...stdout.matchAll(/\[([0-9A-Fa-f:]{17})\]/g)].map((match) => (match[1] as string).toLowerCase())),
  ]
}

/** On the network this machine, and no other, answers for the address. */
export const answeredBy = (place: Place, holder: Holder): Proof => ({
  name: `the compute node finds ${place.vip} at the ${holder}, and nowhere else`,
  run: async () => {
    const [wanted, macs] = await Promise.all([macOf(holder), askAnswering(place.vip)])
    demandNone(
      `ARP for ${place.vip} is not answered by ${wanted} alone`,
      macs.join() === wanted ? [] : [`answers: ${macs.join(', ') || 'none'}`],
    )
    return `ARP answered by ${macs.join()} only`
  },
})

/** Which interface of each side has the address. */
export const heldBy = (place: Place, wanted: Readonly<Record<Holder, string>>): Proof => ({
  name: `${place.vip} is on ${Object.entries(wanted)
    .map(([machine, at]) => `${at} of the ${machine}`)
    .join(', ')}`,
  run: async () => {
    const found: string[] = []
    for (const machine of ['source', 'target'] as const) {
      const links = await askLinks(machine)
      const at = links.filter((link) => link.addr_info.some(({ local }) => local === place.vip)).map((it) => it.ifname)
      if ((at.join() || 'nothing') !== wanted[machine]) found.push(`${machine}: ${at.join() || 'nothing'}`)
    }
    demandNone('the address is elsewhere', found)
    return 'asked on both machines'
  },
})

const peersOf = (text: string): readonly string[] =>
  linesOf(text).map((line) => {
    const [, , own = '', peer = ''] = line.trim().split(/\s+/)
    return `${own} ${peer}`.replaceAll('[::ffff:', '').replaceAll(']', '')
  })

/** The two controllers have no established connection except ssh. */
export const notConnected = (place: Place): Proof => ({
  name: 'no process of the target has a connection to the source',
  run: async () => {
    const ss = ['ss', '-H', '-t', '-n', 'state', 'established']
    const fromTarget = peersOf(await inside('target', ss))
    const fromSource = peersOf(await inside('source', ss))
    const ssh = (line: string): boolean => /:22( |$)/.test(line)
    const sides = [
      { lines: fromTarget, other: [place.source, place.sourceStorage] },
      { lines: fromSource, other: [place.target, place.targetStorage] },
    ]
    const found = sides.flatMap(({ lines, other }) =>
      lines.filter((line) => !ssh(line) && other.some((address) => line.includes(` ${address}:`))),
    )
    demandNone('connected', found)
    return `${fromTarget.length} connections on the target and ${fromSource.length} on the source: none between them`
  },
})

/** How the new queue, database and cache list their clients. */
const lists = (vip: string): Readonly<Record<string, readonly string[]>> => ({
  RabbitMQ: ['rabbitmqctl', '-q', '--no-table-headers', 'list_connections', 'peer_host'],
  MariaDB: ['mariadb', '-BNe', 'SELECT host FROM information_schema.processlist'],
  memcached: [
    'bash',
    '-c',
    'exec 3<>"/dev/tcp/$1/11211"; printf "stats conns\\r\\nquit\\r\\n" >&3; grep ":addr " <&3',
    'conns',
    vip,
  ],
})

/** The new servers list no client from the old controller, and the queue lists the compute node. */
export const listedNowhere = (place: Place): Proof => ({
  name: 'by their own lists nothing of the old controller is connected to the new queue, database and cache',
  run: async () => {
    const found: string[] = []
    const counts: string[] = []
    for (const [server, argv] of Object.entries(lists(place.vip))) {
      const lines = linesOf(await inside('target', argv))
      const has = (address: string) => lines.some((line) => ` ${line.replaceAll(':', ' ')} `.includes(` ${address} `))
      found.push(...[place.source, place.sourceStorage].filter(has).map((address) => `${server}: ${address}`))
      if (server === 'RabbitMQ' && !has(place.compute)) found.push(`${server} does not list the compute node`)
      if (lines.length === 0) found.push(`${server} lists nobody, not even who asked`)
      counts.push(`${server} ${lines.length}`)
    }
    demandNone('connected', found)
    return `${counts.join(', ')} connections, none from the source`
  },
})

const tries = (address: string, port: number): readonly string[] => [
  'timeout',
  '2',
  'bash',
  '-c',
  'exec 3<>"/dev/tcp/$1/$2"',
  'try',
  address,
  String(port),
]

/** Seconds for a server of the source to answer after a boot. */
const patience = 600

/** Whether the compute node can connect, now or soon. */
const computeReaches = async (address: string, port: number): Promise<boolean> => {
  const until = Date.now() + patience * 1000
  while ((await tryInside('compute', tries(address, port))).code !== 0) {
    if (Date.now() > until) return false
    await sleep(2000)
  }
  return true
}

/** The target tries to connect to the old database and queue and cannot; the compute node can. */
export const fenced = (place: Place): Proof => ({
  name: 'the target cannot reach the database and the queue of the source',
  run: async () => {
    const open: string[] = []
    for (const port of [3306, 5672]) {
      if (!(await computeReaches(place.source, port)))
        open.push(`${place.source}:${port} does not answer the compute node either: this proves nothing`)
      if ((await tryInside('target', tries(place.source, port))).code === 0)
        open.push(`${place.source}:${port} is open`)
    }
    demandNone('the way is not closed', open)
    return 'tried 3306 and 5672: closed for the target, open for the compute node'
  },
})

/** While the target runs unseen, it does not answer on the network for the moving address. */
export const unseen = (place: Place): Proof => ({
  name: `outside the target nothing answers at ${place.vip}:8774 and :5000`,
  run: async () => {
    const open: string[] = []
    for (const port of [8774, 5000])
      for (const machine of ['compute', 'source'] as const)
        if ((await tryInside(machine, tries(place.vip, port))).code === 0) open.push(`${port} answers the ${machine}`)
    demandNone('it is seen', open)
    return 'tried on the compute node and on the source'
  },
})
