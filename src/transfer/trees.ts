import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Argv, Command, Host, Hosts, SideName } from '../hosts/host.ts'
import { defaultLimits } from '../limits.ts'
import { readable } from '../text/units.ts'
import { askKeys, askStage, bytesOf, listed, type Staged } from './stage.ts'
import {
  digestScript,
  listScript,
  markScript,
  putBackScript,
  receiveScript,
  sendScript,
  stateScript,
} from './tree-scripts.ts'

export interface Tree {
  /** absolute: '/var/lib/glance/images' */
  readonly path: string
  /** 'glance:glance': must exist on the target; files keep their owners, by name */
  readonly owner: string
}

export interface Copying {
  /** 32 random hex digits, new for every attempt */
  readonly nonce: string
  /** the file on the target that lists the changed trees, for `finish` */
  readonly list: string
  /** files that wait in the target's staging place: those that the source still has unchanged are not copied again */
  readonly staged?: readonly Staged[]
}

/** Puts marks into the target's tree, by which the source finds out whether it is its own. */
export const markAction = ({ path, owner }: Tree, { nonce, list }: Omit<Copying, 'staged'>): Action => {
  const [user, group = user] = owner.split(':') as [string, string?]
  return {
    kind: 'exec',
    on: 'target',
    argv: ['bash', '-c', markScript, 'mark', path, user, group ?? user, nonce, list],
  }
}

/**
 * Copies a tree with names, modes and owners; afterwards the target has exactly the source's files. If both sides have
 * the same tree, which is tested with a mark that the target creates, nothing is copied or deleted; if they share part
 * of it, the second action fails and nothing is changed.
 */
export const treeActions = (tree: Tree, { staged = [], ...copying }: Copying): readonly Action[] => {
  const { path } = tree
  const { nonce } = copying
  const send: Argv = ['bash', '-c', sendScript, 'send', path, nonce]
  const keys = staged.map((file) => `${file.source} ${file.path}`)
  return [
    markAction(tree, copying),
    {
      kind: 'pipe',
      from:
        staged.length === 0
          ? { on: 'source', argv: send }
          : { on: 'source', argv: [...send, 'known'], stdin: listed(keys) },
      to: { on: 'target', argv: ['bash', '-c', receiveScript, 'receive', path, nonce] },
      what: path,
    },
  ]
}

/** The staged files that may be used: all but those that were changed on the target, or not read back. */
export const askProved = async (target: Host, path: string): Promise<readonly Staged[]> =>
  ((await askStage(target, path)).files ?? []).filter(({ state }) => state !== 'unproved')

/** Undoes a copy: restores what the target had there; if it had nothing, the copy stays, marked as one. */
export const treeUndo = ({ path }: Pick<Tree, 'path'>): Action => ({
  kind: 'exec',
  on: 'target',
  argv: ['bash', '-c', putBackScript, 'put-back', path],
})

/** Lines that only one of two digests has, files first; empty when the trees are equal. */
export const compareTrees = (source: string, target: string): readonly string[] => {
  const [here, there] = [new Set(linesOf(source)), new Set(linesOf(target))]
  return [
    ...[...here].filter((line) => !there.has(line)).map((line) => `on the source: ${line}`),
    ...[...there].filter((line) => !here.has(line)).map((line) => `on the target: ${line}`),
  ]
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

interface Look {
  readonly path: string
  readonly script: string
  /** seconds */
  readonly limit: number
  /** for an error: what to do */
  readonly next: string
  /** keys of files whose content is known to be the same, by side */
  readonly known?: Readonly<Record<SideName, readonly string[]>>
}

const answered = async (host: Host, path: string, command: Command): Promise<string> => {
  const { code, stdout, stderr } = await host.run(command)
  if (code === 0) return stdout
  throw new SwapError(
    host.name,
    `cannot read all of ${path}: ${stderr.trim()}`,
    'Fix it and run the same command again',
  )
}

/** Whether a tree is shared, and how many entries were kept aside for a copy. */
const askState = async (target: Host, path: string, limit: number) => {
  const [word, aside] = (await answered(target, path, { argv: ['bash', '-c', stateScript, 'state', path], limit }))
    .trim()
    .split(' ')
  return { shared: word === 'shared', aside: Number(aside ?? 0) }
}

/** Compares a script's output for a tree on both sides. Throws SwapError naming the first differences. */
const compared = async (hosts: Hosts, { path, script, limit, next, known }: Look): Promise<string> => {
  const argv: Argv = ['bash', '-c', script, 'look', path]
  const commandOn = (side: SideName): Command =>
    known === undefined ? { argv, limit } : { argv: [...argv, 'known'], limit, stdin: listed(known[side]) }
  const [source, target] = await Promise.all(
    (['source', 'target'] as const).map((side) => answered(hosts(side), path, commandOn(side))),
  )
  const differences = compareTrees(source ?? '', target ?? '')
  if (differences.length > 0)
    throw new SwapError(`target, ${path}`, `differs from the source:\n  ${differences.slice(0, 10).join('\n  ')}`, next)
  return source ?? ''
}

/**
 * Proves that a tree is the same on both sides: a copy by SHA-256, mode and owner, a shared one by names, sizes, times,
 * mode and owner. A file that was staged was hashed on both sides then; now its size, times and inode show on both that
 * it has not changed since. `limit`: seconds for reading all of it.
 */
export const proveSameTree = async (hosts: Hosts, path: string, limit = defaultLimits.checksum): Promise<string> => {
  const { shared, aside } = await askState(hosts('target'), path, limit)
  if (shared) {
    const next =
      'Check that both sides mount the same share with the same user and group ids, then run the same command again'
    const files = linesOf(await compared(hosts, { path, script: listScript, limit, next }))
    const count = files.filter((line) => !line.startsWith('d ')).length
    return `${path}: shared, both sides see the same ${count} files; nothing was copied`
  }
  const linked = (await askProved(hosts('target'), path)).filter(({ state }) => state === 'linked')
  const known = {
    source: linked.map((file) => `${file.source} ${file.path}`),
    target: linked.map((file) => `${file.target} ${file.path}`),
  }
  const next = 'Run the same command again: it copies the tree again'
  const look = { path, script: digestScript, limit, next, ...(linked.length === 0 ? {} : { known }) }
  const files = linesOf(await compared(hosts, look)).filter((line) => /^(\\?[0-9a-f]{64}|staged) /.test(line))
  const kept = aside === 0 ? '' : `; ${aside} original entries of the target are kept beside it until finish`
  return `${path}: ${files.length} files equal by SHA-256, mode and owner${await stagedText(hosts('source'), path, { linked, digests: files })}${kept}`
}

/** How much was staged, and how much was left to the freeze; '' when nothing was staged. */
const stagedText = async (
  source: Host,
  path: string,
  { linked, digests }: { readonly linked: readonly Staged[]; readonly digests: readonly string[] },
): Promise<string> => {
  const count = linked.length
  if (count === 0) return ''
  const staged = new Set(linked.map((file) => file.path))
  const seen = await askKeys(source, path)
  const [before, now] = [true, false].map((is) => readable(bytesOf(seen.filter((one) => staged.has(one.path) === is))))
  return `; staged before the freeze and unchanged since: ${count} of ${before}; copied in the freeze: ${digests.length - count} of ${now}`
}
