import { askChecks, type Check } from '../ask/check.ts'
import type { Context } from '../context.ts'
import type { About } from '../engine/about.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import type { Finding, Phase } from '../engine/step.ts'
import { lendDatabase } from '../hosts/db.ts'
import type { HostName, Hosts } from '../hosts/host.ts'
import { serviceChecks } from '../services/checks.ts'
import { addressChecks } from './addresses.ts'
import { apiChecks } from './apis.ts'
import { changedChecks } from './changed.ts'
import { collationChecks } from './collations.ts'
import { contentChecks } from './contents.ts'
import { cutoverChecks } from './cutover.ts'
import { decisionChecks } from './decisions.ts'
import { firewallChecks } from './firewall.ts'
import { hangingChecks } from './hanging.ts'
import { hereChecks } from './here.ts'
import { hopChecks } from './hops.ts'
import { hostChecks } from './host-checks.ts'
import { lengthChecks } from './lengths.ts'
import { machineChecks } from './machines.ts'
import { migrationChecks } from './migrations.ts'
import { networkChecks } from './network.ts'
import { packageChecks } from './packages.ts'
import { peerChecks } from './peers.ts'
import { referenceChecks } from './references.ts'
import { rowChecks } from './rows.ts'
import { schemaChecks } from './schema.ts'
import { serverChecks } from './servers.ts'
import { sideChecks } from './sides.ts'
import { sourceChecks } from './source.ts'
import { storageChecks } from './storage.ts'
import { structureChecks } from './structure.ts'
import { tableChecks } from './tables.ts'
import { targetChecks } from './target.ts'
import { unitFileChecks } from './unit-files.ts'
import { unitChecks } from './units.ts'
import { urlChecks } from './urls.ts'

/** Everything that is checked before anything is changed. Add a check as an entry of one of these lists. */
export const checks: readonly Check[] = [
  ...sideChecks,
  ...sourceChecks,
  ...apiChecks,
  ...addressChecks,
  ...hereChecks,
  ...hangingChecks,
  ...targetChecks,
  ...hopChecks,
  ...machineChecks,
  ...hostChecks,
  ...decisionChecks,
  ...packageChecks,
  ...unitChecks,
  ...unitFileChecks,
  ...networkChecks,
  ...firewallChecks,
  ...serverChecks,
  ...peerChecks,
  ...tableChecks,
  ...collationChecks,
  ...contentChecks,
  ...lengthChecks,
  ...structureChecks,
  ...storageChecks,
  ...schemaChecks,
  ...urlChecks,
  ...serviceChecks,
  ...referenceChecks,
  ...rowChecks,
  ...migrationChecks,
  ...changedChecks,
  ...cutoverChecks,
]

/** Every check without its function, as it is printed. */
export const listed: readonly About[] = checks.map(({ ask: _, ...about }) => about)

/** The checks that a command runs first. */
export const checksBefore = (phase: Phase): readonly Check[] =>
  checks.filter(({ before = ['prepare', 'migrate'] }) => before.includes(phase))

export interface CheckOptions {
  /** swapctl may drop databases of an earlier cloud on the target */
  readonly recreate: boolean
  readonly journal: Pick<Journal, 'entries'>
  /** the command that will follow; prepare when absent */
  readonly before?: Phase
}

/** Runs the checks and returns all findings. Each side's databases are queried over one connection. */
export const runChecks = async (
  context: Context,
  { recreate, journal, before = 'prepare' }: CheckOptions,
): Promise<readonly Finding[]> => {
  const { hosts, close } = lending(context.hosts)
  const claimed = stateOf(journal, 'target/claim') === 'done'
  try {
    return await askChecks(checksBefore(before), { ...context, hosts, recreate, claimed, entries: journal.entries })
  } finally {
    await close()
  }
}

const lending = (hosts: Hosts): { readonly hosts: Hosts; close(): Promise<void> } => {
  const lent = new Map<HostName, ReturnType<typeof lendDatabase>>()
  const find = (name: HostName) => {
    const one = lent.get(name) ?? lendDatabase(hosts(name))
    lent.set(name, one)
    return one.host
  }
  return {
    hosts: find,
    close: async () => {
      await Promise.all([...lent.values()].map((one) => one.close()))
    },
  }
}
