import { isIPv6 } from 'node:net'
import { ask, lines, type Question } from '../../ask/question.ts'
import { endOf } from '../../ask/sockets.ts'
import type { Host } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'

export interface Connection {
  readonly local: string
  readonly localPort: number
  readonly peer: string
  readonly peerPort: number
}

/**
 * Parses established TCP connections, with or without a header: -H came with iproute2 4.10. IPv4 mapped into IPv6
 * becomes IPv4.
 */
export const parseConnections = (text: string): readonly Connection[] =>
  lines(text)
    .map((line) => /^ESTAB\s+\d+\s+\d+\s+(\S+)\s+(\S+)/.exec(line))
    .filter((match) => match !== null)
    .map((match) => {
      const [local, peer] = [endOf(match[1] as string), endOf(match[2] as string)]
      return { local: local.address, localPort: local.port, peer: peer.address, peerPort: peer.port }
    })

/** An address as a filter of ss wants it. */
export const filtered = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

export const connections: Question<readonly Connection[]> = { argv: ['ss', '-t', '-n'], parse: parseConnections }

/** Connections of a machine to one of `addresses`, except on the ports in `except` (ssh). */
export const foreignConnections = async (
  host: Host,
  addresses: readonly string[],
  except: readonly number[],
): Promise<readonly Connection[]> =>
  (await ask(host, connections)).filter(
    (it) =>
      addresses.includes(it.peer) &&
      it.local !== it.peer &&
      !except.includes(it.localPort) &&
      !except.includes(it.peerPort),
  )

/** A command line is limited to 128 KiB, so thousands of connections are split over several. */
export const inParts = (all: readonly Connection[], most: number): readonly (readonly Connection[])[] =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, part) => all.slice(part * most, (part + 1) * most))

export const connectionText = (it: Connection): string => `${it.peer}:${it.peerPort} at ${it.local}:${it.localPort}`

/** Tries every pair of address and port in parallel, two seconds each. */
const script = programText('doors.sh', import.meta.url)

export interface Door {
  readonly address: string
  readonly port: number
}

/** Which of these a machine can connect to right now; undefined when it has no bash. */
export const askOpen = async (host: Host, doors: readonly Door[]): Promise<readonly Door[]> =>
  ask(host, {
    argv: ['bash', '-c', script, 'doors', ...doors.flatMap((door) => [door.address, String(door.port)])],
    parse: (text) => doors.filter((door) => lines(text).includes(`${door.address} ${door.port} open`)),
  })
