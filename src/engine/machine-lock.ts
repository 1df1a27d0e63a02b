import { refuse, SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { programText } from '../text/program.ts'
import { type Holder, isGone, told } from './lock.ts'

/** A holder together with its state directory. */
export interface Owner extends Holder {
  /** the swap's id: see identity.ts */
  readonly swap: string
  readonly state: string
}

/** Writes the lock, or prints the existing one and exits 3. */
const takeScript = programText('lock-take.sh', import.meta.url)

/** Removes a lock if it still has the given content. */
const dropScript = programText('lock-drop.sh', import.meta.url)

const drop = async (host: Host, text: string): Promise<void> => {
  await host.run({ argv: ['sh', '-c', dropScript, 'drop'], stdin: text, limit: 20 })
}

/** Tries to take the lock. Resolves with the existing lock; undefined: it is ours now. */
const tryOnce = async (host: Host, text: string): Promise<string | undefined> => {
  const { code, stdout, stderr } = await host.run({ argv: ['sh', '-c', takeScript, 'take'], stdin: text, limit: 30 })
  if (code === 0) return undefined
  if (code === 3) return stdout
  throw new SwapError(host.name, `cannot create the lock: ${stderr.trim()}`, 'Check /run on that machine')
}

const parse = (text: string): Owner | undefined => {
  try {
    return JSON.parse(text) as Owner
  } catch {
    return undefined
  }
}

const ownerText = (owner: Owner | undefined): string =>
  owner === undefined ? 'an unreadable lock' : `${told(owner)}, from ${owner.state}`

/** Why a lock may be taken over; undefined: it may not. The caller already holds the state directory's own lock. */
const whyOver = async (owner: Owner | undefined, mine: Owner, broken: boolean): Promise<string | undefined> => {
  if (owner?.swap === mine.swap) return 'it belongs to this state directory, and this command holds the lock there'
  if (owner !== undefined && (await isGone(owner))) return 'that process has ended'
  return broken ? 'as you asked with --break-lock' : undefined
}

const heldBy = (host: Host, owner: Owner | undefined): SwapError =>
  refuse(
    host.name,
    `is in use: ${ownerText(owner)}`,
    'Wait until it ends, or stop it there. If you know that it is gone, run the same command with --break-lock',
  )

/** In a test one machine may be both sides; it is locked only once. */
const isMine = (owner: Owner | undefined, mine: Owner): boolean =>
  owner?.swap === mine.swap && owner.pid === mine.pid && owner.started === mine.started && owner.at === mine.at

const takeOn = async (
  host: Host,
  mine: Owner,
  broken: boolean,
  say: (text: string) => void,
): Promise<() => Promise<void>> => {
  const text = JSON.stringify(mine)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const held = await tryOnce(host, text)
    if (held === undefined) return () => drop(host, text)
    const owner = parse(held)
    if (isMine(owner, mine)) return async () => {}
    const why = await whyOver(owner, mine, broken)
    if (why === undefined) throw heldBy(host, owner)
    say(`Taking over the lock on ${host.name} of ${ownerText(owner)}: ${why}.`)
    await drop(host, held)
  }
  throw refuse(host.name, 'other processes keep taking the lock', 'Run the same command again')
}

export interface MachineLocks {
  readonly mine: Owner
  /** --break-lock: take the lock over from any holder */
  readonly broken: boolean
  readonly say: (text: string) => void
}

/**
 * Locks each machine, in this order; resolves with the function that releases them. A machine that does not answer is
 * reported and left unlocked: the step that needs it will fail. Throws SwapError (exit 2) naming the holder, since when
 * it holds the lock and from where.
 */
export const lockMachines = async (
  hosts: readonly Host[],
  { mine, broken, say }: MachineLocks,
): Promise<() => Promise<void>> => {
  const taken: (() => Promise<void>)[] = []
  const giveBack = async (): Promise<void> => {
    for (const release of taken.toReversed())
      await release().catch((error: Error) => say(`A lock was not released: ${error.message}`))
  }
  try {
    for (const host of hosts) {
      const there = await host.run({ argv: ['true'], limit: 30 }).catch((error: unknown) => error)
      if (there instanceof SwapError) say(`${host.name} does not answer and is not locked: ${there.message}`)
      else taken.push(await takeOn(host, mine, broken, say))
    }
  } catch (error) {
    await giveBack()
    throw error
  }
  return giveBack
}
