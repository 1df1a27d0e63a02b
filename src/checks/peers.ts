import { block, type Check } from '../ask/check.ts'
import { membersIn } from '../ask/members.ts'
import { askPeers, isKeeper, isMember, peersOf } from '../ask/peers.ts'
import { sourceUnits } from '../ask/units.ts'
import { membersOf, reached } from '../hosts/sides.ts'

/** Everything by which others may name the source's machines. */
const ownNames: (context: Parameters<Check['ask']>[0]) => readonly string[] = ({ config, survey }) => [
  ...reached({ ...config, computes: [] }).flatMap(({ name, machine }) =>
    name.startsWith('source') ? machine.host : [],
  ),
  ...config.addresses.map(({ address }) => address),
  ...membersIn(survey, config).flatMap(({ side }) => [
    side.hostname,
    side.hostname.split('.')[0] ?? '',
    ...side.addresses.map(({ address }) => address),
  ]),
]

/**
 * A machine that is switched off is a member too: its keepalived and its services start at its next boot, and nothing
 * has stopped them.
 */
const unlisted: Check['ask'] = async (context) => {
  const { config, hosts, recipes, survey } = context
  const told = await Promise.all(membersOf(config, 'source').map((name) => askPeers(hosts(name))))
  const found = peersOf(told.flat(), ownNames(context)).filter((peer) => isMember(peer) || isKeeper(peer))
  const known = new Set(sourceUnits(recipes))
  const ran = membersIn(survey, config).flatMap(({ running }) => running.filter((unit) => known.has(unit)))
  const units = [...new Set(['keepalived', ...ran])].join(' ')
  return found.map(({ host, name, by }) =>
    block(
      `${host} belongs to the source according to ${by.join(', ')}, but no [source] section names it: it is neither stopped nor fenced, and once it is on it takes the addresses and starts its services`,
      `Add [source ${name}] with its address. If it is switched off and stays so, accept this; before it gets a network again, run there: systemctl mask --now ${units}`,
    ),
  )
}

export const peerChecks: readonly Check[] = [
  {
    id: 'source/unlisted',
    level: 'block',
    title: 'Every machine that the clusters of the source name is in the settings',
    source:
      'https://mariadb.com/docs/galera-cluster: wsrep_cluster_address; rabbitmqctl(8), cluster_status; keepalived.conf(5), unicast_peer',
    why: 'A machine that swapctl does not know is not stopped: it may take the addresses and write to the new databases, also one that is switched on days later.',
    remedy:
      'Add [source NAME]. If the machine is off and stays so, accept this, and mask keepalived and its services there before it gets a network again.',
    ask: unlisted,
  },
]
