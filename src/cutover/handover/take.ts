import type { Action } from '../../engine/step.ts'
import type { HostName } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { type Reader, readLines } from '../keepers/reading.ts'
import { halfName, halfTime, home, scriptPath } from '../rollback/data.ts'
import { announcing, type Place, places } from './announce.ts'

/**
 * A command that was under way when the connection broke may arrive when the machine has put everything back already:
 * addresses move only while it is armed, and nothing is put back while they do.
 */
const whileArmed = [`home=${home}`, programText('while-armed.sh', import.meta.url)].join('\n')

/** For a moment both sides have the addresses: not for long if swapctl is lost in it. */
const notForLong = [
  `home=${home} half=${halfName} half_time=${halfTime}`,
  programText('not-for-long.sh', import.meta.url),
].join('\n')

const guard = (armed: boolean): readonly string[] => (armed ? [whileArmed] : [])

/**
 * networkd reads the files first and adds the addresses itself: up to systemd 252 it takes every address of the
 * interface off for some 10 ms, also one that it was not told of, so it must not find out later. The loopback holds the
 * addresses meanwhile. Waited for, since the answer to `reload` comes before it acts, and one comes after the other.
 */
const waitForNetworkd = programText('wait-networkd.sh', import.meta.url)

/** netplan has no word for an address without duplicate address detection: the source still has it. */
const withoutDad = programText('without-dad.sh', import.meta.url)
const withDad = programText('with-dad.sh', import.meta.url)

const read = (readers: readonly Reader[]): readonly string[] => {
  const lines = [...readLines(readers), ...(readers.includes('networkd') ? [waitForNetworkd] : [])]
  return readers.includes('netplan') ? [withoutDad, ...lines, withDad] : lines
}

/**
 * An IPv6 address must not wait for duplicate address detection: while it moves, both sides have it. One that somebody
 * else has added and that waits is taken off, since nothing makes the kernel stop waiting for it.
 */
const add = programText('add.sh', import.meta.url)

/** Not there any more is as good as removed: the same command may run twice. */
const drop = programText('drop.sh', import.meta.url)

const letLoopbackGo = programText('loopback-go.sh', import.meta.url)

const backToLoopback = programText('loopback-hold.sh', import.meta.url)

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
