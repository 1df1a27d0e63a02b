import type { Duplex } from 'node:stream'
import type { Machine } from '../config.ts'
import { refuse, SwapError } from '../errors.ts'
import { defaultLimits } from '../limits.ts'
import { programText } from '../text/program.ts'
import { lastLines } from './channel.ts'
import { dial } from './dial.ts'
import { type Contact, firstContact } from './first.ts'
import type { Command, Host, HostName } from './host.ts'
import { type Jumps, openJumps } from './jumps.ts'
import { type Keys, openKeys } from './keys.ts'
import { limiter } from './limiter.ts'
import { type Asked, atTerminal } from './password.ts'
import { openPool, type Pool } from './pool.ts'
import { pythonWith } from './python.ts'
import { connected, run, spawn } from './remote.ts'
import { sectionOf } from './sides.ts'
import type { Sudo } from './sudo.ts'

/**
 * Questions run at once; streams are counted separately, so that a pipe never waits for a slot that a question holds.
 */
const questionsAtOnce = 6

const notReached = (where: string, path: string, why: string, cause?: unknown): SwapError =>
  new SwapError(where, `cannot connect to ${path}: ${why}`, 'Is the service running there?', { cause })

const forwarded = async (pool: Pool, path: string, where: string): Promise<Duplex> => {
  const { client } = await pool.any()
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(path, (error, channel) =>
      error ? reject(notReached(where, path, error.message, error)) : resolve(channel),
    )
  })
}

/**
 * A program that runs as root passes everything on: sshd would connect as the login, where sudo is used, and MariaDB
 * lets in root.
 */
const relayed = async (pool: Pool, path: string, where: string, sudo: Sudo | undefined): Promise<Duplex> => {
  const command: Command = { argv: ['sh', '-c', pythonWith(programText('relay.py', import.meta.url)), 'relay', path] }
  const { channel, stderr } = await connected({ pool, command, where, sudo }, 'swapctl-connected')
  if (channel !== undefined) return channel
  if (/not found|No such file.*python/.test(stderr))
    throw refuse(where, `there is no Python to reach ${path} with: ${lastLines(stderr)}`, 'Install python3 there')
  throw notReached(where, path, lastLines(stderr))
}

/**
 * OpenSSH forwards to sockets from 6.7 on, where its settings allow it. Throws the forwarding's error where there is no
 * Python for the relay either.
 */
const reachedSocket = async (pool: Pool, path: string, where: string): Promise<Duplex> => {
  try {
    return await forwarded(pool, path, where)
  } catch (error) {
    return await relayed(pool, path, where, undefined).catch((other: unknown) => {
      throw other instanceof SwapError && other.exitCode === 2 ? error : other
    })
  }
}

/** Puts the known question once, before anything else; asked again when it could not be put or the answer was refused. */
const onceFor = (contact: Contact): (() => Promise<Sudo | undefined>) => {
  let first: Promise<Sudo | undefined> | undefined
  return () => {
    first ??= firstContact(contact).catch((error: unknown) => {
      if (!(error instanceof SwapError && error.final)) first = undefined
      throw error
    })
    return first
  }
}

/** What the machines of one run share: who is asked, the keys, and the connections to jump hosts. */
export interface Reach {
  readonly asked: Asked
  readonly keys: Keys
  readonly jumps: Jumps
}

export const openReach = (asked: Asked = atTerminal()): Reach => {
  const keys = openKeys(asked)
  return { asked, keys, jumps: openJumps(keys) }
}

/**
 * A machine over ssh. Nothing is opened before the first use; after a broken connection the next use opens a new one.
 * Before the first use the machine must pass a trial: see prove.ts.
 */
export const sshHost = (machine: Machine, name: HostName, given?: Reach): Host => {
  const { asked, keys, jumps } = given ?? openReach()
  const login = () => keys.of(machine, sectionOf(name))
  const pool = openPool(machine.name, async () => dial(machine, await login(), jumps.to(machine)))
  const inTurn = limiter(questionsAtOnce)
  const proved = onceFor({ pool, machine, name, asked })
  return {
    name,
    run: async (command) => {
      const sudo = await proved()
      return inTurn(() => run({ pool, command: { limit: defaultLimits.question, ...command }, where: name, sudo }))
    },
    spawn: async (command) => {
      const sudo = await proved()
      return spawn({ pool, command, where: name, sudo })
    },
    socket: async (path) => {
      const sudo = await proved()
      return sudo === undefined ? reachedSocket(pool, path, name) : relayed(pool, path, name, sudo)
    },
    close: async () => {
      await pool.close()
      if (given === undefined) jumps.close()
    },
  }
}

/**
 * sshHost, connected at once: throws SwapError (exit 2) when the machine does not answer or is not the expected one.
 */
export const connect = async (machine: Machine, name: HostName): Promise<Host> => {
  const host = sshHost(machine, name)
  await host.run({ argv: ['true'], limit: 30 })
  return host
}
