import { ask, lines } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Host } from '../../hosts/host.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'

/** Somebody whose packets for a moving address arrive at a machine that no longer has it. */
export interface Sender {
  /** the moving address */
  readonly address: string
  /** 'IP (MAC)' of the one that sends */
  readonly from: string
  readonly ip: string
}

/** Listens on an interface for packets to addresses, as the wire brings them, for some seconds. */
const program = programText('senders.py', import.meta.url)

/** Who still sends to the old holder, heard by the old holder itself: also those whom nobody can ask. */
export const askSenders = async (
  source: Host,
  addresses: readonly MovingAddress[],
  seconds: number,
): Promise<readonly Sender[]> => {
  const devices = [...new Set(addresses.map((it) => it.sourceInterface))]
  const heard = await Promise.all(
    devices.map((device) =>
      ask(source, {
        argv: [
          ...['sh', '-ec', `${python} "$@"`, 'senders', String(seconds), device],
          ...addresses.filter((it) => it.sourceInterface === device).map((it) => it.address),
        ] as ['sh', ...string[]],
        stdin: program,
        parse: (text) =>
          lines(text).map((line) => {
            const [address = '', ip = '', mac = ''] = line.split(' ')
            return { address, ip, from: `${ip} (${mac})` }
          }),
      }),
    ),
  )
  return heard.flat()
}
