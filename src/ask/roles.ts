import type { SideMachine } from '../hosts/host.ts'
import type { Galera, Member } from '../survey.ts'
import { canonical } from '../text/canonical.ts'

/** The machines on which a service unit runs; names without '.service'. */
export const runningOn = (members: readonly Member[], unit: string): readonly SideMachine[] =>
  members.filter(({ running }) => running.includes(unit)).map(({ name }) => name)

/** The machines that hold an address on an interface: one as a rule, two while managers disagree. */
export const holding = (members: readonly Member[], address: string): readonly SideMachine[] =>
  members
    .filter(({ side }) =>
      side.addresses.some((one) => one.interface !== 'lo' && canonical(one.address) === canonical(address)),
    )
    .map(({ name }) => name)

/** A member that has every row and serves: Galera documentation, wsrep_local_state_comment and wsrep_cluster_status. */
export const isSynced = ({ status, state, ready }: Galera): boolean =>
  status === 'Primary' && state === 'Synced' && ready

/**
 * The machine whose databases are read while the cloud goes on serving: of the members of the first machine's cluster that
 * are in step, the one with the fewest clients; the first machine where there is no cluster.
 */
export const readFrom = (members: readonly [Member, ...Member[]]): SideMachine => {
  const [first] = members
  const able = members.filter(
    ({ galera }) => galera !== undefined && isSynced(galera) && galera.cluster === first.galera?.cluster,
  )
  return able.toSorted((a, b) => a.clients - b.clients)[0]?.name ?? first.name
}

/** Where a tree of files is: the machines that have something in it. */
export interface Kept {
  readonly path: string
  readonly on: readonly SideMachine[]
  /** each has the same share mounted */
  readonly shared: boolean
  /** each has files of the same names and sizes, and small ones of the same content */
  readonly alike: boolean
}

/** A share has a server in its name: 'nas:/images', '//nas/images', or a list of them. */
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
