import { execa } from 'execa'

/** Observations of one path through the data plane since it first worked. */
export interface Pinged {
  readonly sent: number
  readonly lost: number
  /** seconds between the two answered pings around the longest run of lost ones; 0 when none was lost */
  readonly gap: number
  /** seconds for which the path was observed */
  readonly seconds: number
}

export interface Pinger {
  /** resolves when enough pings in a row were answered to begin counting; rejects when the path never works */
  readonly works: Promise<void>
  /** Stops it; further calls return the same. */
  stop(): Promise<Pinged>
}

/**
 * ICMP echo requests at a steady pace, numbered. Counting starts after ten answers in a row, because an agent wires a
 * port some time after its creation. Ends with its input, or after two hours; waits for the last second's answers.
 */
const program = `
import json, os, select, socket, struct, sys, time
address, interval, patience = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
wire.connect((address, 0))
own, mark = os.getpid() & 0xffff, os.urandom(8)

def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def echo(number):
    body = mark + struct.pack('!I', number)
    head = struct.pack('!BBHHH', 8, 0, 0, own, number & 0xffff)
    return struct.pack('!BBHHH', 8, 0, checksum(head + body), own, number & 0xffff) + body

sent, answered, row, first, end = [], set(), 0, None, None
begin = due = time.monotonic()
while end is None or time.monotonic() < end:
    now = time.monotonic()
    if end is None and now >= due:
        try:
            wire.send(echo(len(sent)))
        except OSError:
            pass  # no way there just now: as good as lost
        sent.append(now)
        due = max(due + interval, now)
        if first is None and now > begin + patience:
            sys.exit('%s was not reached in %g s' % (address, patience))
        if now > begin + 7200:
            end = now + 1
    until = (due if end is None else end) - time.monotonic()
    ready = select.select([wire] + ([sys.stdin] if end is None else []), [], [], max(0, until))[0]
    if sys.stdin in ready and not os.read(0, 100):
        end = time.monotonic() + 1
    if wire not in ready:
        continue
    try:
        packet = wire.recv(2048)
    except OSError:
        continue
    reply = packet[(packet[0] & 15) * 4:]
    if reply[0] != 0 or reply[8:16] != mark:
        continue
    number = struct.unpack('!I', reply[16:20])[0]
    row = row + 1 if number - 1 in answered else 1
    answered.add(number)
    if first is None and row >= 10:
        first = number + 1
        print('works', flush=True)
if first is None:
    sys.exit('%s was not reached' % address)
judged, good, gap, lost = range(first, len(sent)), sent[first - 1], 0, 0
for number in judged:
    if number in answered:
        gap = max(gap, sent[number] - good) if number - 1 not in answered else gap
        good = sent[number]
    else:
        lost += 1
if judged and len(sent) - 1 not in answered:
    gap = max(gap, sent[-1] - good)
print(json.dumps({'sent': len(judged), 'lost': lost, 'gap': round(gap, 3), 'seconds': round(sent[-1] - sent[first - 1], 1)}))
`

export interface PingOptions {
  /** milliseconds between two pings */
  readonly every?: number
  /** seconds in which the path must start to work */
  readonly patience?: number
}

/** Pings an address with a program run through `enter` (ip netns exec NAME). Needs root and python3. */
export const startPinger = (enter: readonly string[], address: string, options: PingOptions = {}): Pinger => {
  const { every = 50, patience = 60 } = options
  const [command = '', ...words] = [...enter, 'python3', '-c', program, address, String(every / 1000), String(patience)]
  const child = execa(command, words, { stdin: 'pipe', reject: false })
  const ended = child.then(({ exitCode, stdout, stderr }) => {
    if (exitCode !== 0) throw new Error(`the pinger of ${address} ended with ${exitCode}: ${stderr.trim()}`)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Pinged
  })
  ended.catch(() => {})
  const works = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    ended.catch(reject)
  })
  works.catch(() => {})
  return {
    works,
    stop: () => {
      child.stdin.end()
      return ended
    },
  }
}
