import type { Action } from '../../engine/step.ts'
import type { HostName } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { type Reader, readLines } from '../keepers/reading.ts'
import { halfName, halfTime, home, scriptPath } from '../rollback/data.ts'
import { announcing, type Place, places } from './announce.ts'

/**
 * A command under way when the connection broke may arrive after the machine has rolled back. So addresses move only
 * while it is armed, and the rollback waits until the move is over.
 */
const whileArmed = [`home=${home}`, programText('while-armed.sh', import.meta.url)].join('\n')

/** For a moment both sides have the addresses; this timer ends that if swapctl is lost meanwhile. */
const notForLong = [
  `home=${home} half=${halfName} half_time=${halfTime}`,
  programText('not-for-long.sh', import.meta.url),
].join('\n')

const guard = (armed: boolean): readonly string[] => (armed ? [whileArmed] : [])

/**
 * networkd reads the files first and adds the addresses itself: up to systemd 252 a reload removes every address of the
 * interface for some 10 ms, even ones it does not manage, so it must not reload later. The loopback holds the addresses
 * meanwhile. `reload` returns before networkd acts, and one reload may follow another, so the script waits.
 */
const waitForNetworkd = programText('wait-networkd.sh', import.meta.url)

/** netplan cannot turn off duplicate address detection for one address, and the source still has it. */
const withoutDad = programText('without-dad.sh', import.meta.url)
const withDad = programText('with-dad.sh', import.meta.url)

const read = (readers: readonly Reader[]): readonly string[] => {
  const lines = [...readLines(readers), ...(readers.includes('networkd') ? [waitForNetworkd] : [])]
  return readers.includes('netplan') ? [withoutDad, ...lines, withDad] : lines
}

/**
 * An IPv6 address must not wait for duplicate address detection, because both sides have it while it moves. An address
 * that another program added and that is waiting is removed first: the kernel does not stop waiting.
 */
const add = programText('add.sh', import.meta.url)

/** An address that is already gone counts as removed, because the command may run twice. */
const drop = programText('drop.sh', import.meta.url)

const letLoopbackGo = programText('loopback-go.sh', import.meta.url)

const backToLoopback = programText('loopback-hold.sh', import.meta.url)

/**
 * The target takes the addresses on its interfaces, announces each three times, and only then removes them from the
 * loopback. One program, so that a broken connection leaves nothing half done.
 */
export const takeFromLoopback = (all: readonly Place[], readers: readonly Reader[], armed: boolean): Action =>
  announcing(
    'target',
    [...guard(armed), ...read(readers), add, ...(armed ? [notForLong] : []), letLoopbackGo].join('\n'),
    ['take', ...places(all)],
    40,
  )

/** The source takes the addresses back with their old attributes, and announces them. */
export const takeBack = (all: readonly Place[]): Action => announcing('source', add, ['take', ...places(all)], 30)

const plain = (on: HostName, script: string, name: string, all: readonly Place[]): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', script, name, ...places(all)],
  limit: 30,
})

/** `armed`: only while the machine's rollback timer is armed. */
export const letGo = (all: readonly Place[], armed: boolean): Action =>
  plain('source', [...guard(armed), drop].join('\n'), 'drop', all)

/**
 * Runs before the source takes the addresses back: should swapctl be lost then, the target lets go by itself once it
 * sees that the source has them. A failure here does not stop the rollback.
 */
export const yieldSoon: Action = {
  kind: 'exec',
  on: 'target',
  argv: ['sh', '-ec', `test -e ${scriptPath} || exit 0\n${notForLong} || true`, 'yield'],
  limit: 30,
}

/** The loopback gets the addresses before the interface loses them: the target's services never lose them. */
export const backToHold = (all: readonly Place[]): Action => plain('target', `${backToLoopback}\n${drop}`, 'hold', all)
