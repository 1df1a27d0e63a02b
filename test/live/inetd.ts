import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Machine } from '../../src/config.ts'
import { type Sshd, startSshd } from './machines.ts'
import type { Box } from './namespaces.ts'

export interface BoxSshd {
  /** how this machine, which has no way into the boxes' network, reaches the box */
  readonly machine: Machine
  stop(): Promise<void>
}

/**
 * A real sshd inside a box: each connection to a loopback port of this machine is handed to a new one, as inetd does.
 * `shared`: whose keys it has; with it, nothing is started that is not needed.
 */
export const sshdIn = async (box: Box, shared?: Sshd): Promise<BoxSshd> => {
  const sshd = shared ?? (await startSshd())
  await box.ask('mkdir', '-p', '/run/sshd')
  const children = new Set<ChildProcess>()
  const [program = '', ...words] = [...box.enter, '/usr/sbin/sshd', '-i', '-f', `${sshd.directory}/config`]
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(program, words, { stdio: [socket, socket, 'ignore'] })
    children.add(child)
    child.on('exit', () => children.delete(child))
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    machine: { ...sshd.machine, port: typeof address === 'object' && address !== null ? address.port : 0 },
    stop: async () => {
      server.close()
      for (const child of children) child.kill('SIGKILL')
      if (shared === undefined) await sshd.stop()
    },
  }
}
