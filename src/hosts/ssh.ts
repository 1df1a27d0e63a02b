import type { Duplex } from 'node:stream'
import type { Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { defaultLimits } from '../limits.ts'
import type { Host, HostName } from './host.ts'
import { limiter } from './limiter.ts'
import { openPool, type Pool } from './pool.ts'
import { newTrial, trusted } from './prove.ts'
import { exchange, run, spawn } from './remote.ts'

/**
 * Questions run at once; streams are counted separately, so that a pipe never waits for a slot that a question holds.
 */
const questionsAtOnce = 6

const socket = async (pool: Pool, path: string, where: string): Promise<Duplex> => {
  const { client } = await pool.any()
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(path, (error, channel) =>
      error
        ? reject(
            new SwapError(where, `cannot connect to ${path}: ${error.message}`, 'Is the service running there?', {
              cause: error,
            }),
          )
        : resolve(channel),
    )
  })
}

/** Seconds for the first command, on a machine that may be busy. */
const trialLimit = 60

/** Runs the trial once, before anything else; again after it could not run or its answer was refused. */
const provedOnce = (pool: Pool, machine: Machine, name: HostName): (() => Promise<void>) => {
  let proof: Promise<void> | undefined
  const prove = async (): Promise<void> => {
    const trial = newTrial()
    const error = trusted(machine, trial, await exchange(pool, trial, name, trialLimit))
    if (error !== undefined) throw error
  }
  return () => {
    proof ??= prove().catch((error: unknown) => {
      proof = undefined
      throw error
    })
    return proof
  }
}

/**
 * A machine over ssh. Nothing is opened before the first use; after a broken connection the next use opens a new one.
 * Before the first use the machine must pass a trial: see prove.ts.
 */
export const sshHost = (machine: Machine, name: HostName): Host => {
  const pool = openPool(machine)
  const inTurn = limiter(questionsAtOnce)
  const proved = provedOnce(pool, machine, name)
  return {
    name,
    run: async (command) => {
      await proved()
      return inTurn(() => run({ pool, command: { limit: defaultLimits.question, ...command }, where: name }))
    },
    spawn: async (command) => {
      await proved()
      return spawn({ pool, command, where: name })
    },
    socket: async (path) => {
      await proved()
      return socket(pool, path, name)
    },
    close: () => pool.close(),
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
