import type { Machine } from '../config.ts'
import type { HostName, Hosts } from '../hosts/host.ts'
import type { Question } from '../source/question.ts'
import { askMaybe } from '../source/question.ts'

export interface Neighbour {
  readonly host: HostName
  readonly mac: string
}

/** A connect, refused or not, makes the kernel ask for the address when it does not know who has it. */
const script = `timeout 2 bash -c ': >"/dev/tcp/$0/9"' "$1" 2>/dev/null
ip neigh show to "$1"`

/** 'ADDRESS dev IF lladdr MAC STATE': the MAC this machine sends to; undefined when the address is behind a router. Pure. */
export const parseNeighbour = (text: string): string | undefined =>
  /\blladdr ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b(?!.*\bFAILED\b)/.exec(text)?.[1]

const neighbour = (address: string): Question<string | undefined> => ({
  argv: ['sh', '-c', script, 'neighbour', address],
  parse: parseNeighbour,
})

/** Which MAC address each compute sends to for `address`; machines that do not share a network with it are left out. */
export const askNeighbours = async (
  hosts: Hosts,
  computes: readonly Machine[],
  address: string,
): Promise<readonly Neighbour[]> => {
  const names = computes.map((machine): HostName => `compute:${machine.name}`)
  const found = await Promise.all(
    names.map(async (host) => ({ host, mac: await askMaybe(hosts(host), neighbour(address)) })),
  )
  return found.filter((one): one is Neighbour => one.mac !== undefined)
}
