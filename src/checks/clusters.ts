import { isSynced } from '../ask/roles.ts'
import type { Member } from '../survey.ts'

/** Members whose MariaDB is in a cluster, with its state. */
const clustered = (members: readonly Member[]) =>
  members.flatMap(({ name, galera }) => (galera === undefined ? [] : [{ name, galera }]))

/**
 * What keeps the members of a side's Galera cluster from being one healthy cluster, one line each. A MariaDB outside a
 * cluster counts only if others of its side are in one.
 */
export const galeraFaults = (members: readonly Member[]): readonly string[] => {
  const all = clustered(members)
  const [first] = all
  if (first === undefined) return several(members)
  const expected = all.length
  return [
    ...all.flatMap(({ name, galera }) => [
      ...(isSynced(galera)
        ? []
        : [`${name}: ${galera.status}, ${galera.state}, wsrep_ready ${galera.ready ? 'ON' : 'OFF'}`]),
      ...(galera.size === expected
        ? []
        : [
            `${name}: its cluster has ${galera.size} members${galera.addresses.length === 0 ? '' : ` (${galera.addresses.join(', ')})`}, the settings list ${expected}`,
          ]),
      ...(galera.cluster === first.galera.cluster ? [] : [`${name}: is in another cluster than ${first.name}`]),
    ]),
    ...alone(members).map((name) => `${name}: its MariaDB is not in a cluster`),
  ]
}

const alone = (members: readonly Member[]) =>
  members.filter(({ side, galera }) => side.mariadb !== undefined && galera === undefined).map(({ name }) => name)

/** Several independent servers: only one of them has the cloud's databases, and it is unclear which. */
const several = (members: readonly Member[]): readonly string[] =>
  alone(members).length > 1 ? [`${alone(members).join(', ')}: each has a MariaDB, but they form no cluster`] : []

/** What keeps the nodes of a side's RabbitMQ from being one healthy cluster. */
export const brokerFaults = (members: readonly Member[]): readonly string[] => {
  const all = members.flatMap(({ name, broker }) => (broker === undefined ? [] : [{ name, broker }]))
  const [first] = all
  if (first === undefined) return []
  const key = (nodes: readonly string[]): string => nodes.toSorted().join(', ')
  return all.flatMap(({ name, broker }) => [
    ...(broker.partitioned.length === 0 ? [] : [`${name}: partitioned from ${broker.partitioned.join(', ')}`]),
    ...(key(broker.nodes) === key(broker.running)
      ? []
      : [`${name}: not running: ${broker.nodes.filter((node) => !broker.running.includes(node)).join(', ')}`]),
    ...(key(broker.nodes) === key(first.broker.nodes) ? [] : [`${name}: is in another cluster than ${first.name}`]),
  ])
}
