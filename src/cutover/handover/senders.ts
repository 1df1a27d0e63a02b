import { ask, lines } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Host } from '../../hosts/host.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'

/** A machine whose packets for a moving address arrive at a machine that no longer has it. */
export interface Sender {
  /** the moving address */
  readonly address: string
  /** 'IP (MAC)' of the sender */
  readonly from: string
  readonly ip: string
}

/** Listens on an interface, below IP, for packets to addresses, for some seconds. */
const program = programText('senders.py', import.meta.url)

/** Which machines still send to the old holder, as the old holder receives it: also machines that cannot be asked. */
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
