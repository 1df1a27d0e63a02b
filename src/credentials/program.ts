import type { Access } from '../api/access.ts'
import type { Action } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'
import { pythonWith } from '../hosts/python.ts'
import { programText } from '../text/program.ts'

/** The type of the credential that is made, which no service knows. */
export const credentialType = 'swapctl'

/**
 * Python 2 or 3, as every controller has it, since the way back has to run from the journal alone: what it deletes it finds
 * by the swap's name. An application credential is refused by policy (403) or unknown before queens (404): it is done without,
 * and the step's proof says so. Keystone's words are not printed, for they may quote what it was sent.
 */
const program = programText('credentials.py', import.meta.url)

/** What is new each time: nobody but the state directory and keystone keeps it. */
export interface Secrets {
  readonly secret: string
  readonly blob: string
  /** as keystone writes times: '2026-11-27T15:00:00.000000Z' */
  readonly expires: string
}

/** What the program reads: how the admin logs in, and what is to be made. Holds secrets: it flows from a file of mode 0600. */
export interface Given extends Pick<Access, 'identity' | 'login' | 'tls'> {
  /** what messages call the identity service */
  readonly service: string
  /** seconds for one answer */
  readonly limit: number
  readonly made: Secrets
}

/** The file goes to the program's standard input; where it is gone already, nothing does. */
const run = (on: HostName, call: 'make' | 'forget', file: string, name: string): Action => ({
  kind: 'pipe',
  what: `${call === 'make' ? 'making' : 'deleting'} ${name}`,
  from: { on: 'local', argv: ['sh', '-c', 'test ! -e "$1" || exec cat "$1"', 'cat', file] },
  to: { on, argv: ['sh', '-c', pythonWith(program), 'credentials', call, name, credentialType] },
})

/** Makes both on the source, instead of any of the same name. `file`: `Given`, as JSON, in the state directory. */
export const makeAction = (file: string, name: string): Action => run('source', 'make', file, name)

/** Deletes both, as far as they are there. Holds no secret: it stands in the journal. */
export const forgetAction = (on: 'source' | 'target', file: string, name: string): Action =>
  run(on, 'forget', file, name)
