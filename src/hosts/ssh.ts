import type { Duplex } from 'node:stream'
import type { Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { type Host, type HostName, questionLimit } from './host.ts'
import { limiter } from './limiter.ts'
import { openPool, type Pool } from './pool.ts'
import { run, spawn } from './remote.ts'

/** Questions asked at once; streams are counted apart, so that a pipe never waits for a place that a question holds. */
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

/** A machine over ssh. Nothing is opened before the first use; a connection that broke is opened anew for the next one. */
export const sshHost = (machine: Machine, name: HostName): Host => {
  const pool = openPool(machine)
  const inTurn = limiter(questionsAtOnce)
  return {
    name,
    run: (command) => inTurn(() => run({ pool, command: { limit: questionLimit, ...command }, where: name })),
    spawn: (command) => spawn({ pool, command, where: name }),
    socket: (path) => socket(pool, path, name),
    close: () => pool.close(),
  }
}

/** The same, connected at once: throws SwapError (exit 2) when the machine is not there or not the expected one. */
export const connect = async (machine: Machine, name: HostName): Promise<Host> => {
  const host = sshHost(machine, name)
  await host.run({ argv: ['true'], limit: 30 })
  return host
}
