import type { Of } from '../../engine/step.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'
import { type Connection, inParts } from './connections.ts'

/**
 * Challenge-ACK reset: makes the far end drop a connection when nobody can log in there, or its kernel cannot kill
 * connections. Sends a segment of that connection with an arbitrary sequence number. The far end answers with the
 * expected numbers (RFC 9293, 3.10.7.4: "an acknowledgment should be sent in reply"); this machine does not have the
 * connection and so resets it, with exactly the number that RFC 5961 demands. A connection that this machine does have
 * is not harmed. Sent three times, because a kernel answers only one such segment per half second, and any may be lost.
 */
const program = programText('reset.py', import.meta.url)

/** `all` as the old holder lists them: `local` is the moved address. */
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
