import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { askLinks } from '../ask/addresses.ts'
import { unitFiles } from '../ask/facts.ts'
import { askFiles } from '../ask/file-states.ts'
import { servesDatabase } from '../ask/members.ts'
import { ask } from '../ask/question.ts'
import { askUnits, sourceUnits } from '../ask/units.ts'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Host, SideMachine } from '../hosts/host.ts'
import { firstName, idOn, membersOf, said } from '../hosts/sides.ts'
import { readState, stateText } from '../state.ts'
import { name as identifier } from '../text/sql.ts'
import { configTrees } from './backup.ts'
import { askWritten, type Written } from './written.ts'

type Named = Readonly<Record<string, string>>

/** The state of an old controller at the freeze. */
export interface Fingerprint {
  readonly at: string
  /** 'nova.instances' -> checksum only, so that no data leaves the database */
  readonly tables: Named
  /** '/etc/nova/nova.conf' -> 'sha256 mode owner'; a link -> its target */
  readonly files: Named
  /** 'nova-api' -> 'masked, stopped'; other units -> 'enabled' */
  readonly units: Named
  /** '10.20.0.10' -> 'eth0/24' */
  readonly addresses: Named
  readonly written: Written
}

/** Everything but the tables: takes a second or two, whatever the size of the databases. */
export type Quick = Omit<Fingerprint, 'tables'>

export const askQuick = async (context: Context, name: SideMachine): Promise<Quick> => {
  const source = context.hosts(name)
  const [files, units, addresses, written] = await Promise.all([
    askFiles(source, configTrees(context)),
    askUnitStates(context, name),
    askAddresses(source),
    servesDatabase(context.survey, name) ? withDatabase(source, { readOnly: true }, askWritten) : nowhere,
  ])
  return { at: new Date().toISOString(), files, units, addresses, written }
}

/** For a machine without MariaDB. */
const nowhere: Written = { started: 0, counters: '' }

/** The counters first: writes while the tables are read then show up as written. */
const askFingerprint = async (context: Context, name: SideMachine): Promise<Fingerprint> => ({
  ...(await askQuick(context, name)),
  tables: await askTables(context, name),
})

/** The checksums of a machine's tables; {} without MariaDB. */
export const askTables = async (context: Context, name: SideMachine): Promise<Named> =>
  servesDatabase(context.survey, name) ? askChecksums(context.hosts(name)) : {}

const own = ['information_schema', 'performance_schema', 'mysql', 'sys']

/** Tables with accounts, privileges and stored programs; the server's other own tables change by themselves. */
const accounts = ['global_priv', 'user', 'db', 'tables_priv', 'columns_priv', 'procs_priv', 'roles_mapping', 'proc']

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

/**
 * CHECKSUM TABLE of every database except the server's own, and of its accounts. The same server computes both, so its
 * own row format may be used, which is four times as fast as a digest that two servers agree on.
 */
export const askChecksums = (source: Host): Promise<Named> =>
  withDatabase(source, { readOnly: true }, async (db) => {
    const tables = await db.rows<{ d: string; t: string }>(
      `SELECT table_schema AS d, table_name AS t FROM information_schema.tables
       WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
         AND (table_schema NOT IN (${list(own)}) OR table_schema = 'mysql' AND table_name IN (${list(accounts)}))
       ORDER BY 1, 2`,
    )
    const found: Record<string, string> = {}
    for (const { d, t } of tables) {
      const [row] = await db.rows<{ Checksum: string | number | null }>(
        `CHECKSUM TABLE ${identifier(d)}.${identifier(t)}`,
      )
      found[`${d}.${t}`] = String(row?.Checksum ?? 'none')
    }
    return found
  })

/**
 * For the services' units also whether they run; for others, some of which come and go, only whether they would start
 * at boot.
 */
const askUnitStates = async (context: Context, name: SideMachine): Promise<Named> => {
  const source = context.hosts(name)
  const [all, services] = await Promise.all([ask(source, unitFiles), askUnits(source, sourceUnits(context.recipes))])
  const ofServices = services
    .filter((unit) => unit.exists)
    .map((unit) => [unit.name, `${unit.masked ? 'masked' : 'not masked'}, ${unit.active ? 'running' : 'stopped'}`])
  // Units of swapctl come and go with the swap.
  const others = Object.entries(all).filter(([name]) => !name.startsWith('swapctl-'))
  return Object.fromEntries([...others, ...ofServices])
}

/** Link-local addresses come and go with the interfaces of bridges and guests. */
const askAddresses = async (source: Host): Promise<Named> =>
  Object.fromEntries(
    (await askLinks(source))
      .filter((link) => !link.loopback)
      .flatMap((link) => link.addresses.map(({ address, prefix }) => [address, `${link.name}/${prefix}`]))
      .filter(([address]) => !address?.startsWith('fe80:')),
  )

export const fingerprintId = 'freeze/fingerprint'

const pathOf = ({ config }: Context, name: SideMachine): string =>
  join(config.state, `${idOn('fingerprint', config, name)}.json`)

/** A machine's fingerprint saved at the freeze; undefined when there is none. */
export const savedFingerprint = async (
  context: Context,
  name: SideMachine = firstName(context.config, 'source'),
): Promise<Fingerprint | undefined> => {
  return readState<Fingerprint>(pathOf(context, name))
}

/** One step per machine of the source. */
export const fingerprintSteps = (context: Context): readonly Step[] =>
  membersOf(context.config, 'source').map((name) => ({
    id: idOn(fingerprintId, context.config, name),
    phase: 'migrate',
    title: `Take the fingerprint of ${saidFrozen(name)}: every table, config file, unit and address`,
    after: ['freeze/quiet'],
    changes: ['local'],
    run: nothing,
    undo: nothing,
    keeps: [{ path: pathOf(context, name), ask: async () => stateText(await takeFingerprint(context, name)) }],
    proof: async () => fingerprintText((await savedFingerprint(context, name)) as Fingerprint),
  }))

const saidFrozen = (name: SideMachine): string =>
  name === 'source' ? 'the frozen source' : `${said(name)}, which is frozen`

const takeFingerprint = async (context: Context, name: SideMachine): Promise<Fingerprint> => {
  const taken = await askFingerprint(context, name)
  if (servesDatabase(context.survey, name) && Object.keys(taken.tables).length === 0)
    throw new SwapError(name, 'its databases have no tables', 'Check whether this is the right MariaDB')
  return taken
}

/** '643 tables, 320 files, 210 units, 3 addresses: 1f0c2a...' */
const fingerprintText = ({ tables, files, units, addresses }: Fingerprint): string => {
  const parts = { tables, files, units, addresses }
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
  const counts = Object.entries(parts).map(([what, all]) => `${Object.keys(all).length} ${what}`)
  return `${counts.join(', ')}: ${digest}`
}
