import { type Answers, askBeside } from '../../ask/beside.ts'
import type { Question } from '../../ask/question.ts'
import { askMaybe } from '../../ask/question.ts'
import type { Config } from '../../config.ts'
import type { HostName, Hosts } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'

export interface Neighbour {
  readonly host: HostName
  readonly mac: string
}

/**
 * Sending a datagram makes the kernel look up the address if it does not know it; behind a router there is no lookup.
 */
const script = programText('neighbour.sh', import.meta.url)

/** 'ADDRESS dev IF lladdr MAC STATE': the MAC this machine sends to; undefined when the address is behind a router. */
export const parseNeighbour = (text: string): string | undefined =>
  /\blladdr ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b(?!.*\bFAILED\b)/.exec(text)?.[1]

const neighbour = (address: string): Question<string | undefined> => ({
  argv: ['sh', '-c', script, 'neighbour', address],
  parse: parseNeighbour,
})

export const computesOf = ({ computes }: Pick<Config, 'computes'>): readonly HostName[] =>
  computes.map((machine): HostName => `compute:${machine.name}`)

/**
 * The MAC address each machine sends to for `address`. Machines in other networks are left out; machines that do not
 * answer are named.
 */
export const askNeighbours = async (
  hosts: Hosts,
  names: readonly HostName[],
  address: string,
): Promise<{ readonly found: readonly Neighbour[]; readonly silent: Answers<unknown>['silent'] }> => {
  const { answers, silent } = await askBeside(hosts, names, (host) => askMaybe(host, neighbour(address)))
  const found = answers.flatMap(({ host, answer: mac }) => (mac === undefined ? [] : [{ host, mac }]))
  return { found, silent }
}
