import type { Action } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'
import { announcing, type Place, places, python } from './announce.ts'
import { halfName, halfTime, home, scriptPath } from './putback/data.ts'
import { type Reader, readLines } from './reading.ts'

/**
 * A command that was under way when the connection broke may arrive when the machine has put everything back already:
 * addresses move only while it is armed, and nothing is put back while they do.
 */
const whileArmed = `exec 9>${home}/lock
flock 9
test "$(head -n 1 ${home}/state)" = armed || { echo "not armed any more: $(cat ${home}/state)" >&2; exit 75; }`

/** For a moment both sides have the addresses: not for long if swapctl is lost in it. */
const notForLong = `systemctl stop ${halfName}.timer ${halfName}.service 2>/dev/null || true
systemd-run --unit=${halfName} --on-active=${halfTime} --timer-property=AccuracySec=100ms /bin/sh ${scriptPath} half "$(cat ${home}/token)" 9>&-`

const guard = (armed: boolean): readonly string[] => (armed ? [whileArmed] : [])

/**
 * networkd reads the files first and adds the addresses itself: up to systemd 252 it takes every address of the
 * interface off for some 10 ms, also one that it was not told of, so it must not find out later. The loopback holds the
 * addresses meanwhile. Waited for, since the answer to `reload` comes before it acts, and one comes after the other.
 */
const waitForNetworkd = `there() { while [ $# -ge 5 ]; do
  ip -o addr show dev "$3" to "$1" | grep -q . || return 1
  shift 5
done; }
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  ! there "$@" || break
  sleep 0.1
done`

/** netplan has no word for an address without duplicate address detection: the source still has it. */
const withoutDad = `dads=
quiet() { while [ $# -ge 5 ]; do
  case $1 in *:*)
    dads="net/ipv6/conf/$3/dad_transmits=$(sysctl -n "net/ipv6/conf/$3/dad_transmits") $dads"
    sysctl -q -w "net/ipv6/conf/$3/dad_transmits=0" ;;
  esac
  shift 5
done; }
quiet "$@"`
const withDad = 'test -z "$dads" || sysctl -q -w $dads'

const read = (readers: readonly Reader[]): readonly string[] => {
  const lines = [...readLines(readers), ...(readers.includes('networkd') ? [waitForNetworkd] : [])]
  return readers.includes('netplan') ? [withoutDad, ...lines, withDad] : lines
}

/**
 * An IPv6 address must not wait for duplicate address detection: while it moves, both sides have it. One that somebody
 * else has added and that waits is taken off, since nothing makes the kernel stop waiting for it.
 */
const add = `add() { while [ $# -ge 5 ]; do
  ! ip -o addr show dev "$3" to "$1" tentative | grep -q . || ip addr del "$1/$2" dev "$3"
  ip addr replace "$1/$2" dev "$3" \${4:+brd "$4"} \${5:+label "$5"} $(case $1 in *:*) echo nodad;; esac)
  shift 5
done; }
add "$@"
${python} announce 3 0.005 "$@"`

/** Not there any more is as good as removed: the same command may run twice. */
const drop = `drop() { while [ $# -ge 5 ]; do
  ip addr del "$1/$2" dev "$3" || ! ip -o addr show dev "$3" to "$1" | grep -q .
  shift 5
done; }
drop "$@"`

const letLoopbackGo = `free() { while [ $# -ge 5 ]; do
  ip addr del "$1" dev lo || ! ip -o addr show dev lo to "$1" | grep -q .
  shift 5
done; }
free "$@"`

const backToLoopback = `hold() { while [ $# -ge 5 ]; do
  ip addr replace "$1" dev lo
  shift 5
done; }
hold "$@"`

/**
 * The target takes the addresses on its interfaces, announces each three times at once, and only then takes them off the
 * loopback: one program, so that a connection of swapctl that breaks in the middle leaves no half of it.
 */
export const takeFromLoopback = (all: readonly Place[], readers: readonly Reader[], armed: boolean): Action =>
  announcing(
    'target',
    [...guard(armed), ...read(readers), add, ...(armed ? [notForLong] : []), letLoopbackGo].join('\n'),
    ['take', ...places(all)],
    40,
  )

/** The source takes them back as they were, and announces them. */
export const takeBack = (all: readonly Place[]): Action => announcing('source', add, ['take', ...places(all)], 30)

const plain = (on: HostName, script: string, name: string, all: readonly Place[]): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', script, name, ...places(all)],
  limit: 30,
})

/** `armed`: only while the machine is. */
export const letGo = (all: readonly Place[], armed: boolean): Action =>
  plain('source', [...guard(armed), drop].join('\n'), 'drop', all)

/**
 * Before the source takes the addresses back: the target lets go by itself when it finds that they are there. Only for the
 * case that swapctl is lost, so that where it fails the way back goes on.
 */
export const yieldSoon: Action = {
  kind: 'exec',
  on: 'target',
  argv: ['sh', '-ec', `test -e ${scriptPath} || exit 0\n${notForLong} || true`, 'yield'],
  limit: 30,
}

/** Held on the loopback before they go off the interface: the target's services never lose them. */
export const backToHold = (all: readonly Place[]): Action => plain('target', `${backToLoopback}\n${drop}`, 'hold', all)
