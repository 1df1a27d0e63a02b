import { alone } from '../../ask/addresses.ts'
import { quote, shell } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { type Reader, readLines } from '../keepers/reading.ts'
import { home, type PutBack, timerName } from './data.ts'

/**
 * The rollback script of one side, for /bin/sh (without an exec bit, so that SELinux lets systemd run it). Its
 * commands:
 *   arm          start the timer
 *   timer TOKEN  what the timer runs
 *   half TOKEN   target only: ask the network whether the source has let go of addresses that were taken
 *   boot         at every boot until decided, before the network is up
 *   confirm      the addresses stay where the cutover put them; exit 75 when already rolled back
 *   seal         target only: the other side has been told as well
 *   insist       source only: the timer takes the addresses back whichever machine answers
 * All take one lock, so that confirmation or rollback is decided once and never by halves.
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
    ({ before, path }, index) =>
      `  ${path === before.path ? 'put' : 'made'} ${shell([path, before.mode, before.owner])} "$1-${index + 1}"`,
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

/** `put` writes a temporary file and renames it; symbolic links are followed. */
const common = programText('common.sh', import.meta.url)

/** After a rollback the target holds the addresses on its loopback, unannounced. */
const target = programText('target.sh', import.meta.url)

/**
 * Until it knows the decision the source goes by what it hears. A target that answers after its own timer was
 * confirmed, or hangs and will let go: so it must keep answering to be believed.
 */
const source = programText('source.sh', import.meta.url)

const tail = programText('tail.sh', import.meta.url)
