import type { SideMachine } from '../hosts/host.ts'
import type { Galera, Member } from '../survey.ts'
import { canonical } from '../text/canonical.ts'

/** The machines on which a unit runs; its name without '.service'. */
export const runningOn = (members: readonly Member[], unit: string): readonly SideMachine[] =>
  members.filter(({ running }) => running.includes(unit)).map(({ name }) => name)

/** The machines that have an address on an interface: normally one, two while managers disagree. */
export const holding = (members: readonly Member[], address: string): readonly SideMachine[] =>
  members
    .filter(({ side }) =>
      side.addresses.some((one) => one.interface !== 'lo' && canonical(one.address) === canonical(address)),
    )
    .map(({ name }) => name)

/**
 * A member that is up to date and serving. Source: Galera documentation, wsrep_local_state_comment and
 * wsrep_cluster_status.
 */
export const isSynced = ({ status, state, ready }: Galera): boolean =>
  status === 'Primary' && state === 'Synced' && ready

/**
 * The machine whose databases are read while the cloud is serving: the synced member of the first machine's cluster
 * with the fewest clients; the first machine when there is no cluster.
 */
export const readFrom = (members: readonly [Member, ...Member[]]): SideMachine => {
  const [first] = members
  const able = members.filter(
    ({ galera }) => galera !== undefined && isSynced(galera) && galera.cluster === first.galera?.cluster,
  )
  return able.toSorted((a, b) => a.clients - b.clients)[0]?.name ?? first.name
}

/** The machines that have files in a tree. */
export interface Kept {
  readonly path: string
  readonly on: readonly SideMachine[]
  /** all of them mount the same share */
  readonly shared: boolean
  /** all have files of the same names and sizes, and small files of the same content */
  readonly alike: boolean
}

/** The source of a share names a server: 'nas:/images', '//nas/images', or several of them. */
const isShare = (from: string): boolean => from.includes(':') || from.startsWith('//')

export const keptIn = (members: readonly Member[]): readonly Kept[] =>
  [...new Set(members.flatMap(({ trees }) => Object.keys(trees)))].map((path) => {
    const having = members.filter(({ trees }) => (trees[path]?.files ?? 0) > 0)
    const sums = new Set(having.map(({ trees }) => trees[path]?.sum))
    const from = new Set(having.map(({ trees }) => trees[path]?.from ?? ''))
    return {
      path,
      on: having.map(({ name }) => name),
      alike: having.length === members.length && sums.size === 1,
      shared: having.length > 1 && from.size === 1 && [...from].every(isShare),
    }
  })
