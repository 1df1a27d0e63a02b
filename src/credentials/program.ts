import type { Access } from '../api/access.ts'
import type { Action } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'
import { pythonWith } from '../hosts/python.ts'
import { programText } from '../text/program.ts'

/** The type of the created credential; no service uses it. */
export const credentialType = 'swapctl'

/**
 * Python 2 or 3, which every controller has, because the undo must run from the journal alone: it finds what to delete
 * by the swap's name. An application credential may be refused by policy (403) or unknown before queens (404): then the
 * step goes on without, and its proof says so. Keystone's messages are not printed, because they may quote the request.
 */
const program = programText('credentials.py', import.meta.url)

/** Created anew each time; only the state directory and keystone have it. */
export interface Secrets {
  readonly secret: string
  readonly blob: string
  /** in keystone's format: '2026-11-27T15:00:00.000000Z' */
  readonly expires: string
}

/**
 * Input of the program: the admin's login, and what to create. Holds secrets, so it is piped from a file of mode 0600.
 */
export interface Given extends Pick<Access, 'identity' | 'login' | 'tls'> {
  /** the identity service's name in messages */
  readonly service: string
  /** seconds for one answer */
  readonly limit: number
  readonly made: Secrets
}

/** Pipes the file to the program's standard input; nothing if it was removed. */
const run = (on: HostName, call: 'make' | 'forget', file: string, name: string): Action => ({
  kind: 'pipe',
  what: `${call === 'make' ? 'making' : 'deleting'} ${name}`,
  from: { on: 'local', argv: ['sh', '-c', 'test ! -e "$1" || exec cat "$1"', 'cat', file] },
  to: { on, argv: ['sh', '-c', pythonWith(program), 'credentials', call, name, credentialType] },
})

/**
 * Creates both credentials on the source, replacing any of the same name. `file`: `Given` as JSON, in the state
 * directory.
 */
export const makeAction = (file: string, name: string): Action => run('source', 'make', file, name)

/** Deletes both credentials if they exist. Holds no secret, because it is journalled. */
export const forgetAction = (on: 'source' | 'target', file: string, name: string): Action =>
  run(on, 'forget', file, name)
