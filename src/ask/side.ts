import type { Host } from '../hosts/host.ts'
import type { Side } from '../survey.ts'
import { askAhead } from './clock.ts'
import { existing, fileSystems, hostname, memory, network, system } from './facts.ts'
import { defaultCollations, type Schema, schemas, variables } from './facts-mariadb.ts'
import { ask, askMaybe } from './question.ts'

/** MariaDB's data directory, or its nearest existing parent before the package is installed. */
const dataHomes = ['/var/lib/mysql', '/var/lib', '/']

/**
 * One machine's part of the survey; `schemas` also has the sizes and charsets that describe the services' databases.
 */
export interface SideFacts {
  readonly side: Side
  readonly schemas: readonly Schema[]
}

/** Everything the survey asks of a machine, in parallel. Throws SwapError when it does not answer. */
export const askSide = async (host: Host): Promise<SideFacts> => {
  // Separately and first: it opens the connection, and the clock must not be read during that or beside other
  // questions.
  const name = await ask(host, hostname)
  const { ahead, within } = await askAhead(host)
  const [os, net, disk, bytes, mariadb] = await Promise.all([
    ask(host, system),
    ask(host, network),
    askDiskFree(host),
    ask(host, memory),
    askMariadb(host),
  ])
  return {
    side: {
      hostname: name,
      system: os,
      ...net,
      clock: Math.round(ahead * 1000) / 1000,
      clockWithin: Math.ceil(within * 1000) / 1000,
      diskFree: disk,
      memory: bytes,
      mariadb: mariadb?.variables,
      collations: mariadb?.collations ?? {},
      schemas: (mariadb?.schemas ?? []).map((schema) => ({ name: schema.name, tables: schema.tables })),
    },
    schemas: mariadb?.schemas ?? [],
  }
}

const askDiskFree = async (host: Host): Promise<number> => {
  const [home = '/'] = await ask(host, existing(dataHomes))
  const [system] = await ask(host, fileSystems([home]))
  return system?.free ?? 0
}

const askMariadb = async (
  host: Host,
): Promise<
  | {
      readonly variables: Readonly<Record<string, string>>
      readonly collations: Readonly<Record<string, string>>
      readonly schemas: readonly Schema[]
    }
  | undefined
> => {
  const all = await askMaybe(host, variables)
  if (all === undefined) return undefined
  const [collations, found] = await Promise.all([ask(host, defaultCollations), ask(host, schemas)])
  return { variables: all, collations, schemas: found }
}
