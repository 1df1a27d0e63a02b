import type { Client } from 'ssh2'
import { SwapError } from '../errors.ts'
import { limiter } from './limiter.ts'

/**
 * sshd allows 10 sessions per connection by default (MaxSessions) and still counts sessions that have just ended. So
 * only half of them are used before another connection is opened.
 */
const sessionsPerLink = 5

export interface Connection {
  readonly client: Client
  /** rejects when the connection ends, for any reason */
  readonly lost: Promise<never>
  /** true as soon as the connection has ended, before its channels notice */
  broken(): boolean
}

interface Entry {
  readonly link: Promise<Connection>
  sessions: number
}

export interface Taken {
  readonly link: Connection
  readonly release: () => void
  /**
   * sshd refused a session while others are open here: allow fewer on this connection from now on; false when no others
   * are open
   */
  readonly narrow: () => boolean
}

export interface Pool {
  /** A connection, without reserving a session on it. */
  any(): Promise<Connection>
  /** A connection with a session reserved on it. */
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

/** Destroys the connection after a while, should the machine not answer the goodbye. */
const hangUp = (client: Client): void => {
  client.end()
  setTimeout(() => client.destroy(), 1_000).unref()
}

/** The connections to one machine, each made by `dial`: opened on demand, shared, and forgotten when they break. */
export const openPool = (name: string, dial: () => Promise<Client>): Pool => {
  const entries = new Set<Entry>()
  // sshd drops logins that come in crowds (MaxStartups).
  const inTurn = limiter(4)
  let most = sessionsPerLink
  let closed = false
  const open = (): Entry => {
    // After a stop request, open no new connections; pending steps fail instead.
    if (closed) throw new SwapError(name, 'swapctl is stopping: it opens no more connections', 'Run it again.')
    const entry: Entry = { link: inTurn(dial).then(watch), sessions: 0 }
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
