import type { Of } from '../../engine/step.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'
import { type Connection, inParts } from './connections.ts'

/**
 * Makes the far end of a connection end it, where nobody can log in, or a kernel cannot end connections of others: sends it
 * a segment of that connection with a number from nowhere. It answers with the numbers that are right (RFC 9293, 3.10.7.4:
 * "an acknowledgment should be sent in reply"), to this machine, which has no such connection and so resets it, with
 * exactly the number that RFC 5961 demands. A connection that this machine has is not hurt by it. Three times, since a
 * kernel answers only one such segment in half a second, and any may be lost.
 */
const program = programText('reset.py', import.meta.url)

/** `all` as the old holder has them: `local` is the moved address. */
export const resetActions = (all: readonly Connection[]): readonly Of<'exec'>[] =>
  inParts(all, 500).map((part) => ({
    kind: 'exec',
    on: 'target',
    argv: [
      ...(['sh', '-ec', `${python} "$@"`, 'reset'] as const),
      ...part.flatMap((it) => [it.local, String(it.localPort), it.peer, String(it.peerPort)]),
    ],
    stdin: program,
    limit: 30,
  }))
