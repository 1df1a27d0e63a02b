import { alone } from '../../ask/addresses.ts'
import { quote, shell } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { type Reader, readLines } from '../keepers/reading.ts'
import { home, type PutBack, timerName } from './data.ts'

/**
 * The put-back script of one side, for /bin/sh (no exec bit is needed, so that SELinux lets systemd run it). Its words:
 *   arm          start the timer
 *   timer TOKEN  what the timer does
 *   half TOKEN   the target alone: whether the source has let go of what was taken, found out by asking the network
 *   boot         at every boot until it is settled, before the network comes up
 *   confirm      the addresses stay where the cutover has put them; exit 75 when they have been put back
 *   seal         the target alone: the other side knows as well
 *   insist       the source alone: whoever answers, the timer takes the addresses back
 * One lock for all of them: whether it was confirmed or put back is decided once, and never half.
 */
export const scriptOf = (it: PutBack): string =>
  [head(it), common, it.side === 'target' ? target : source, tail, ''].join('\n')

const lines = (readers: readonly Reader[]): string =>
  readLines(readers)
    .map((line) => `  ${line}`)
    .join('\n')

const head = ({ side, budget, places, files, readers, settings, peers }: PutBack): string => {
  const words = (f: readonly string[][]) => f.map((one) => `  "$1" ${one.map((word) => quote(word) || "''").join(' ')}`)
  const place = words(
    places.map((one) => [
      one.address,
      String(one.prefix),
      one.device,
      one.broadcast ?? '',
      one.label ?? '',
      String(alone(one.address)),
    ]),
  )
  const file = files.map(
    ({ before }, index) => `  put ${shell([before.path, before.mode, before.owner])} "$1-${index + 1}"`,
  )
  return `# swapctl: puts the addresses of a cutover back on the ${side}, unless they are confirmed there.
set -u
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
home=${home} unit=${timerName} budget=${budget} networkd=${readers.includes('networkd') ? 'yes' : 'no'}
settings=${quote(settings.join(' '))}
peers=${quote(peers.join(' '))}
each() {
${place.join('\n')}
}
files() {
${file.length === 0 ? '  :' : file.join('\n')}
}
reload() {
  :
${lines(readers)}
}
# At boot nobody has read them yet, but for netplan, which has made others of them already.
files_at_boot() {
  files "$1"
${lines(readers.filter((reader) => reader === 'netplan'))}
}`
}

/** `put` writes beside the file and renames over it; a link is written through. */
const common = programText('common.sh', import.meta.url)

/** Put back, it is quiet: the loopback holds the addresses, and nobody is told. */
const target = programText('target.sh', import.meta.url)

/**
 * Until it is decided for good the source goes by what it hears. A target that answers after its own timer has been
 * confirmed, or hangs and will let go: only one that goes on answering is believed.
 */
const source = programText('source.sh', import.meta.url)

const tail = programText('tail.sh', import.meta.url)
