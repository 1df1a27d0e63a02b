import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { Machine } from '../config.ts'
import { refuse, type SwapError } from '../errors.ts'
import { dial, type Way } from './dial.ts'
import type { Keys } from './keys.ts'
import { atHost, jumpWords, place } from './place.ts'

/** Milliseconds that a jump host may take to connect to the next machine. */
const patience = 15_000

/** Milliseconds after which a jump host that does not answer the goodbye is left. */
const goodbye = 1_000

/** The jump hosts of one run: one connection to each, shared by all that pass through it. */
export interface Jumps {
  /** How a machine is reached; undefined: directly. */
  to(machine: Machine): Way | undefined
  close(): void
}

/** sshd's answer to a connection that it may not make (RFC 4254, 5.1). */
const prohibited = 1

const notForwarded = (hop: Machine, to: Machine, error: Error & { reason?: unknown }): SwapError => {
  const at = atHost(to)
  if (error.reason === prohibited)
    return refuse(
      place(hop),
      `the jump host does not let swapctl connect to ${at}: ${error.message}`,
      `In its sshd_config: AllowTcpForwarding yes (or local), and PermitOpen, if it is set, with ${at}; in its authorized_keys neither restrict nor no-port-forwarding`,
      error,
    )
  return refuse(
    place(hop),
    `the jump host cannot connect to ${to.name} at ${at}: ${error.message}`,
    `Check that the machine is up and that ssh ${jumpWords(to)} works from here.`,
    error,
  )
}

/** A connection from a jump host to a machine's sshd. */
const forward = (client: Client, hop: Machine, to: Machine): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(late)
      client.off('close', lost)
    }
    const no = (error: Error): void => {
      end()
      reject(notForwarded(hop, to, error))
    }
    const lost = () => no(new Error('the connection to the jump host was lost'))
    const late = setTimeout(() => no(new Error(`no answer in ${patience / 1000} s`)), patience)
    client.once('close', lost)
    try {
      client.forwardOut('127.0.0.1', 0, to.host, to.port, (error, channel) => {
        if (error !== undefined) return no(error)
        end()
        resolve(channel)
      })
    } catch (error) {
      no(error as Error)
    }
  })

const hangUp = (client: Client): void => {
  client.end()
  setTimeout(() => client.destroy(), goodbye).unref()
}

export const openJumps = (keys: Keys): Jumps => {
  const links = new Map<string, Promise<Client>>()
  let closed = false
  const link = (chain: readonly Machine[], last: Machine): Promise<Client> => {
    const id = JSON.stringify(chain.map(({ name }) => name))
    const known = links.get(id)
    if (known !== undefined) return known
    const made = keys.of(last, `jump ${last.name}`).then((login) => dial(last, login, way(chain.slice(0, -1), last)))
    const forget = () => {
      if (links.get(id) === made) links.delete(id)
    }
    links.set(id, made)
    made.then((client) => client.once('close', forget), forget)
    return made
  }
  const way = (chain: readonly Machine[], to: Machine): Way | undefined => {
    const last = chain.at(-1)
    if (last === undefined) return undefined
    return async () => {
      if (closed) throw refuse(place(last), 'swapctl is stopping: it opens no more connections', 'Run it again.')
      return forward(await link(chain, last), last, to)
    }
  }
  return {
    to: (machine) => way(machine.jump ?? [], machine),
    close: () => {
      closed = true
      for (const made of links.values()) made.then(hangUp, () => {})
    },
  }
}
