import type { MovingAddress } from '../config.ts'
import type { Host } from '../hosts/host.ts'
import { ask, lines } from '../source/question.ts'
import { frames, python } from './announce.ts'

/** Somebody whose packets for a moving address arrive at a machine that no longer has it. */
export interface Sender {
  /** the moving address */
  readonly address: string
  /** 'IP (MAC)' of the one that sends */
  readonly from: string
  readonly ip: string
}

/** Listens on an interface for packets to addresses, as the wire brings them, for some seconds. */
const program = `${frames}
seconds, device, moving = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
mac, seen, end = mac_of(device), set(), time.time() + seconds
wires = []
for six in sorted(set(':' in address for address in moving)):
    wires.append(ethernet(device, 0x86dd if six else 0x0800))
while time.time() < end:
    for wire in select.select(wires, [], [], max(end - time.time(), 0.001))[0]:
        frame = bytearray(wire.recv(64))
        six = frame[12] == 0x86
        family, size, at = (socket.AF_INET6, 16, 22) if six else (socket.AF_INET, 4, 26)
        if frame[0:6] == mac and len(frame) >= at + 2 * size:
            sender, to = [socket.inet_ntop(family, bytes(frame[it:it + size])) for it in (at, at + size)]
            if to in moving:
                seen.add(' '.join([to, sender, ':'.join('%02x' % part for part in frame[6:12])]))
print('\\n'.join(sorted(seen)))
`

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
