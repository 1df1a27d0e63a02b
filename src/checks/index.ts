import type { Context } from '../context.ts'
import { cutoverChecks } from '../cutover/checks.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import type { Finding, Phase } from '../engine/step.ts'
import { lendDatabase } from '../hosts/db.ts'
import type { HostName, Hosts } from '../hosts/host.ts'
import { changedChecks } from '../source/changed.ts'
import { askChecks, type Check } from '../source/check.ts'
import { sourceChecks } from '../source/source-checks.ts'
import { addressChecks } from '../target/address-checks.ts'
import { targetChecks } from '../target/checks.ts'
import { contentChecks } from './contents.ts'
import { exportChecks } from './exports.ts'
import { heatChecks } from './heat.ts'
import { hostChecks } from './hosts/index.ts'
import { keyChecks } from './keys.ts'
import { lengthChecks } from './lengths.ts'
import { machineChecks } from './machines.ts'
import { migrationChecks } from './migrations.ts'
import { networkChecks } from './network.ts'
import { novaChecks } from './nova.ts'
import { packageChecks } from './packages.ts'
import { referenceChecks } from './references.ts'
import { rowChecks } from './rows/index.ts'
import { serverChecks } from './servers.ts'
import { structureChecks } from './structure.ts'
import { tableChecks } from './tables.ts'
import { unitChecks } from './units.ts'

/** Everything that is asked before anything is changed. A new check is one more line in one of these lists. */
export const checks: readonly Check[] = [
  ...sourceChecks,
  ...addressChecks,
  ...targetChecks,
  ...machineChecks,
  ...hostChecks,
  ...packageChecks,
  ...unitChecks,
  ...networkChecks,
  ...serverChecks,
  ...tableChecks,
  ...contentChecks,
  ...lengthChecks,
  ...structureChecks,
  ...keyChecks,
  ...heatChecks,
  ...exportChecks,
  ...novaChecks,
  ...referenceChecks,
  ...rowChecks,
  ...migrationChecks,
  ...changedChecks,
  ...cutoverChecks,
]

export type Listed = Pick<Check, 'id' | 'level' | 'title' | 'source'>

/** Every check, as it is printed. */
export const listed: readonly Listed[] = checks.map(({ id, level, title, source }) => ({ id, level, title, source }))

/** What is asked first by a command. */
export const checksBefore = (phase: Phase): readonly Check[] =>
  checks.filter(({ before = ['prepare', 'migrate'] }) => before.includes(phase))

export interface CheckOptions {
  /** the target's databases of an earlier cloud may be dropped */
  readonly recreate: boolean
  readonly journal: Pick<Journal, 'entries'>
  /** the command that is to come; prepare when absent */
  readonly before?: Phase
}

/** All findings at once. The databases of each side are asked over one connection. */
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
