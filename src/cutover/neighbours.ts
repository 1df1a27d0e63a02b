import type { Config } from '../config.ts'
import type { HostName, Hosts } from '../hosts/host.ts'
import type { Question } from '../source/question.ts'
import { askMaybe } from '../source/question.ts'

export interface Neighbour {
  readonly host: HostName
  readonly mac: string
}

/** A datagram makes the kernel ask for the address when it does not know who has it; behind a router nobody is asked. */
const script = `case "$(ip -o route get "$1" 2>/dev/null)" in ''|*' via '*) exit 0 ;; esac
known() { ip neigh show to "$1" | grep -q lladdr; }
known "$1" || bash -c 'echo >"/dev/udp/$0/9"' "$1" 2>/dev/null || true
for turn in 1 2 3 4 5 6 7 8 9 10; do known "$1" && break || sleep 0.1; done
ip neigh show to "$1"`

/** 'ADDRESS dev IF lladdr MAC STATE': the MAC this machine sends to; undefined when the address is behind a router. Pure. */
export const parseNeighbour = (text: string): string | undefined =>
  /\blladdr ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b(?!.*\bFAILED\b)/.exec(text)?.[1]

const neighbour = (address: string): Question<string | undefined> => ({
  argv: ['sh', '-c', script, 'neighbour', address],
  parse: parseNeighbour,
})

export const computesOf = ({ computes }: Pick<Config, 'computes'>): readonly HostName[] =>
  computes.map((machine): HostName => `compute:${machine.name}`)

/** Which MAC address each machine sends to for `address`; those that do not share a network with it are left out. */
export const askNeighbours = async (
  hosts: Hosts,
  names: readonly HostName[],
  address: string,
): Promise<readonly Neighbour[]> => {
  const found = await Promise.all(
    names.map(async (host) => ({ host, mac: await askMaybe(hosts(host), neighbour(address)) })),
  )
  return found.filter((one): one is Neighbour => one.mac !== undefined)
}
