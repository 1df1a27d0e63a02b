import type { Client } from 'ssh2'
import type { Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { dial } from './dial.ts'
import { limiter } from './limiter.ts'

/**
 * sshd allows 10 sessions on one connection unless told otherwise (MaxSessions), and counts those that have just ended
 * until it next tidies up: half of them may be in use, beyond that one more connection is opened.
 */
const sessionsPerLink = 5

export interface Connection {
  readonly client: Client
  /** rejects when the connection ends, for whatever reason */
  readonly lost: Promise<never>
  /** true from the moment the connection has ended, before its channels hear of it */
  broken(): boolean
}

interface Entry {
  readonly link: Promise<Connection>
  sessions: number
}

export interface Taken {
  readonly link: Connection
  readonly release: () => void
  /** sshd refuses this session beside the others here: fewer are put on a connection from now on; false when there are none */
  readonly narrow: () => boolean
}

export interface Pool {
  /** A connection, without taking a session on it. */
  any(): Promise<Connection>
  /** A connection with a session on it that nobody else has. */
  take(): Promise<Taken>
  close(): Promise<void>
}

const watch = (client: Client): Connection => {
  let gone = false
  const lost = new Promise<never>((_, reject) => {
    client.on('close', () => {
      gone = true
      reject(new Error('the ssh connection was closed'))
    })
  })
  lost.catch(() => {})
  return { client, lost, broken: () => gone }
}

/** A machine that does not answer any more is not waited for. */
const hangUp = (client: Client): void => {
  client.end()
  setTimeout(() => client.destroy(), 1_000).unref()
}

/** The connections to one machine: dialled when the first is needed, shared, and forgotten when they break. */
export const openPool = (machine: Machine): Pool => {
  const entries = new Set<Entry>()
  // sshd drops logins that come in crowds (MaxStartups).
  const inTurn = limiter(4)
  let most = sessionsPerLink
  let closed = false
  const open = (): Entry => {
    // Whoever was told to stop dials no machine anew: what its steps still want of one they do not get.
    if (closed) throw new SwapError(machine.name, 'swapctl is stopping: it opens no more connections', 'Run it again.')
    const entry: Entry = { link: inTurn(() => dial(machine)).then(watch), sessions: 0 }
    entries.add(entry)
    const forget = () => void entries.delete(entry)
    entry.link.then(({ lost }) => lost.catch(forget), forget)
    return entry
  }
  return {
    any: async () => ([...entries][0] ?? open()).link,
    take: async () => {
      const entry = [...entries].find(({ sessions }) => sessions < most) ?? open()
      entry.sessions += 1
      return {
        link: await entry.link,
        release: () => {
          entry.sessions -= 1
        },
        narrow: () => {
          const others = entry.sessions - 1
          if (others < 1) return false
          most = Math.min(most, others)
          return true
        },
      }
    },
    close: async () => {
      closed = true
      for (const { link } of entries) link.then(({ client }) => hangUp(client)).catch(() => {})
      entries.clear()
    },
  }
}
