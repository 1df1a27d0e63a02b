import type { Host } from '../hosts/host.ts'
import type { Side } from '../survey.ts'
import { askAhead } from './clock.ts'
import { existing, fileSystems, hostname, memory, network, system } from './facts.ts'
import { defaultCollations, type Schema, schemas, variables } from './facts-mariadb.ts'
import { ask, askMaybe } from './question.ts'

/** Where MariaDB keeps its data, or will; parents stand in until the package is there. */
const dataHomes = ['/var/lib/mysql', '/var/lib', '/']

/** One machine's part of the survey; `schemas` with sizes and charsets, as the services' databases are described from them. */
export interface SideFacts {
  readonly side: Side
  readonly schemas: readonly Schema[]
}

/** Everything a machine says of itself, asked side by side. Throws SwapError when it does not answer. */
export const askSide = async (host: Host): Promise<SideFacts> => {
  // Asked alone and first: it dials, and the clock must not be read across the time that takes, nor beside other questions.
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
