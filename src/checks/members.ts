import type { CheckContext } from '../ask/check.ts'
import { membersIn } from '../ask/members.ts'
import type { Question } from '../ask/question.ts'
import { holding, keptIn } from '../ask/roles.ts'
import { sourceUnits } from '../ask/units.ts'
import { askHeld, givesUp } from '../cutover/keepers/held.ts'
import { askKeepers } from '../cutover/keepers/keepers.ts'
import { withDatabase } from '../hosts/db.ts'
import type { SideMachine } from '../hosts/host.ts'
import { membersOf, said } from '../hosts/sides.ts'
import { some } from '../text/some.ts'
import { name as identifier } from '../text/sql.ts'
import { askAccounts } from '../transfer/accounts.ts'
import { accountName } from '../transfer/grants.ts'
import { settingsAt } from './config.ts'
import { driftOf } from './drift.ts'
import type { HostCheck } from './host-check.ts'
import { each, once } from './once.ts'

const others = ({ config }: CheckContext): readonly SideMachine[] => membersOf(config, 'source').slice(1)

/** What is done once is done on the first machine: addresses move from it, files and volumes are read there. */
const addresses = async ({ config, survey }: CheckContext): Promise<readonly string[]> => {
  const members = membersIn(survey, config)
  return config.addresses.flatMap(({ address }) => {
    const elsewhere = holding(members.slice(1), address)
    return elsewhere.length === 0 ? [] : [`${address} is on ${elsewhere.map(said).join(', ')}`]
  })
}

const trees = async ({ config, survey }: CheckContext): Promise<readonly string[]> => {
  const members = membersIn(survey, config)
  const first = members[0]?.name
  return keptIn(members)
    .filter(({ on, shared, alike }) => !shared && !alike && on.some((name) => name !== first))
    .map(
      ({ path, on }) =>
        `the files in ${path} differ between ${members.length} machines; found on ${on.map(said).join(', ')}`,
    )
}

const keepers = (context: CheckContext): Promise<readonly string[]> =>
  each(others(context), async (name) => {
    const { addresses: moving } = context.config
    const held = await askHeld(context.hosts(name), moving)
    const found = await Promise.all(
      moving.map(async (one) =>
        (await askKeepers(context.hosts(name), one, one.sourceInterface))
          .filter((keeper) => !givesUp(held, keeper))
          .map(({ says }) => `${said(name)} would take ${one.address}: ${says}`),
      ),
    )
    return found.flat()
  })

/** The balancer keeps running through the swap, so a script that only looks at it keeps succeeding. */
const staysUp = /haproxy/

const tracked = (context: CheckContext): Promise<readonly string[]> =>
  each(membersOf(context.config, 'source'), async (name) => {
    const { vrrp } = await askHeld(context.hosts(name), context.config.addresses)
    const scripts = (vrrp?.scripts ?? []).filter(({ command }) => !staysUp.test(command)).map((script) => script.name)
    return scripts.length === 0 ? [] : [`keepalived on ${said(name)} tracks ${some(scripts)}`]
  })

/**
 * Pacemaker resources that are systemd units: 'cinder-volume' of `<primitive class="systemd" type="cinder-volume">`.
 */
export const resourcesOf = (text: string): readonly string[] =>
  [...text.matchAll(/<primitive\b[^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => /\bclass="(systemd|service|lsb|upstart)"/.test(tag))
    .map((tag) => (/\btype="([^"]*)"/.exec(tag)?.[1] ?? '').replace(/\.service$/, ''))

const cib: Question<readonly string[]> = { argv: ['cibadmin', '--query'], parse: resourcesOf }

const managed = (context: CheckContext): Promise<readonly string[]> =>
  each(membersOf(context.config, 'source'), async (name) => {
    const units = new Set(sourceUnits(context.recipes))
    const found = ((await once(context, name, cib)) ?? []).filter((unit) => units.has(unit))
    return found.length === 0 ? [] : [`pacemaker on ${said(name)} manages ${some(found)}`]
  })

const drift = async (context: CheckContext): Promise<readonly string[]> => {
  const members = membersIn(context.survey, context.config)
  const described = await Promise.all(
    members.map(async (member) => ({ member, settings: await settingsAt(context, member.name) })),
  )
  const found = driftOf(described)
  return found.length === 0 ? [] : [`settings that differ from ${said(members[0]?.name ?? 'source')}: ${some(found)}`]
}

/** Tables whose rows exist only on the member where they were written, because their engine is not replicated. */
const askElsewise = (context: CheckContext, name: SideMachine): Promise<ReadonlyMap<string, string>> =>
  withDatabase(context.hosts(name), { readOnly: true }, async (db) => {
    const databases = context.survey.services.flatMap((service) => service.databases.map((one) => one.name))
    const found = new Map<string, string>()
    if (databases.length === 0) return found
    const tables = await db.rows<{ d: string; t: string }>(
      `SELECT table_schema AS d, table_name AS t FROM information_schema.tables
       WHERE table_schema IN (${databases.map(() => '?').join(', ')}) AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'`,
      databases,
    )
    for (const { d, t } of tables) {
      const [row] = await db.rows<{ Checksum: unknown }>(`CHECKSUM TABLE ${identifier(d)}.${identifier(t)}`)
      found.set(`${d}.${t}`, String(row?.Checksum))
    }
    return found
  })

const unreplicated = async (context: CheckContext): Promise<readonly string[]> => {
  const names = membersIn(context.survey, context.config)
    .filter(({ side }) => side.mariadb !== undefined)
    .map(({ name }) => name)
  if (names.length < 2) return []
  const found = await Promise.all(names.map((name) => askElsewise(context, name)))
  const tables = [...new Set(found.flatMap((one) => [...one.keys()]))]
  const differ = tables.filter((table) => new Set(found.map((one) => one.get(table))).size > 1)
  return differ.length === 0 ? [] : [`rows differ between ${names.map(said).join(', ')}: ${some(differ)}`]
}

/** The accounts of the first machine are carried over; those of another exist there only if they were made without Galera. */
const strayAccounts = async (context: CheckContext): Promise<readonly string[]> => {
  const databases = context.survey.services.flatMap((service) => service.databases.map((one) => one.name))
  const members = membersIn(context.survey, context.config).filter(({ galera }) => galera !== undefined)
  const own = members.map(({ side }) => side.hostname)
  const all = await Promise.all(
    members.map(async ({ name }) => {
      const found = await withDatabase(context.hosts(name), { readOnly: true }, (db) => askAccounts(db, databases, own))
      return { name, accounts: new Map(found.map((one) => [accountName(one), JSON.stringify(one)])) }
    }),
  )
  const [first, ...others] = all
  return others.flatMap(({ name, accounts }) => {
    const names = [...new Set([...(first?.accounts.keys() ?? []), ...accounts.keys()])]
    const differ = names.filter((one) => first?.accounts.get(one) !== accounts.get(one))
    return differ.length === 0 ? [] : [`database accounts that are not the same on ${said(name)}: ${some(differ)}`]
  })
}

/** What the source's machines must agree on, and what only the first may have. */
export const memberChecks: readonly HostCheck[] = [
  {
    id: 'source/first-addresses',
    level: 'block',
    title: 'The addresses that move are on the first machine of the source',
    source: 'swapctl: steps that run once use the first machine of the settings',
    why: 'The cutover takes the addresses from the first machine.',
    remedy: 'Put the machine that holds the addresses first in the settings',
    look: addresses,
  },
  {
    id: 'source/first-files',
    level: 'block',
    title: 'Keys and images are the same on each machine of the source, or only on the first',
    source:
      'https://docs.openstack.org/glance/latest/configuration/configuring.html: filesystem_store_datadir is local',
    why: 'swapctl copies files from the first machine: those of another would be lost.',
    remedy: 'Put the machine with the files first in the settings, or copy them to the first machine',
    look: trees,
  },
  {
    id: 'source/other-keepers',
    level: 'block',
    title: 'No other machine of the source would take an address that moves',
    source: 'keepalived.conf(5): a backup takes the addresses when the master gives them up',
    why: 'The address would be on two machines after the cutover; swapctl stops only a keepalived that does nothing else.',
    remedy: 'Remove the address from that configuration on every machine of the source first',
    look: keepers,
  },
  {
    id: 'source/tracked-scripts',
    level: 'warn',
    title: 'No script makes keepalived give the addresses up when the services stop',
    source: 'keepalived.conf(5), vrrp_script: an instance whose script fails goes to the FAULT state',
    why: 'migrate stops the services: the addresses would leave the first machine before the cutover takes them over.',
    remedy:
      'Check whether the script succeeds while the services are stopped; if not, remove its track_script from that configuration until the swap is over',
    look: tracked,
  },
  {
    id: 'source/managed-units',
    level: 'block',
    title: 'No cluster manager starts the services of the source',
    source: 'https://clusterlabs.org/projects/pacemaker/doc/: pacemaker restarts systemd resources that were stopped',
    why: 'It would undo the freeze: restart a service, or start it on another machine.',
    remedy: 'Make these resources unmanaged before migrate: pcs resource unmanage NAME',
    look: managed,
  },
  {
    id: 'source/drift',
    level: 'warn',
    title: 'The machines of the source have the same settings',
    source: 'https://docs.openstack.org/ha-guide/: controllers are configured alike',
    why: 'The target takes the settings of the first machine.',
    remedy:
      'Compare the file on both machines; set the right value on the first machine, or put the right machine first',
    look: drift,
  },
  {
    id: 'database/members-differ',
    level: 'block',
    title: 'Tables that Galera does not replicate have the same rows on each machine',
    source: 'https://mariadb.com/docs/galera-cluster: only InnoDB is replicated',
    why: 'swapctl reads rows from one machine: rows that only another machine has would be lost.',
    remedy: 'Merge the rows, then: ALTER TABLE ... ENGINE=InnoDB',
    look: unreplicated,
  },
  {
    id: 'database/accounts-differ',
    level: 'block',
    title: 'The members of a Galera cluster have the same database accounts',
    source:
      'https://mariadb.com/docs/galera-cluster: only statements such as CREATE USER are replicated, not writes to mysql.*',
    why: 'swapctl carries the accounts of the first machine: one that only another machine has, or a newer password, would be lost.',
    remedy: 'Run CREATE USER, ALTER USER, GRANT or DROP USER on the first machine until they are the same',
    look: strayAccounts,
  },
]
