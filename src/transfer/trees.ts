import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Argv, Host, Hosts } from '../hosts/host.ts'
import { defaultLimits } from '../limits.ts'
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
}

/**
 * Copies a tree with names, modes and owners; afterwards the target has exactly the source's files. If both sides have
 * the same tree, which is tested with a mark that the target creates, nothing is copied or deleted; if they share part
 * of it, the second action fails and nothing is changed.
 */
export const treeActions = ({ path, owner }: Tree, { nonce, list }: Copying): readonly Action[] => {
  const [user, group = user] = owner.split(':') as [string, string?]
  return [
    { kind: 'exec', on: 'target', argv: ['bash', '-c', markScript, 'mark', path, user, group ?? user, nonce, list] },
    {
      kind: 'pipe',
      from: { on: 'source', argv: ['bash', '-c', sendScript, 'send', path, nonce] },
      to: { on: 'target', argv: ['bash', '-c', receiveScript, 'receive', path, nonce] },
      what: path,
    },
  ]
}

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

const ask = async (host: Host, argv: Argv, limit: number): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv, limit })
  if (code === 0) return stdout
  throw new SwapError(
    host.name,
    `cannot read all of ${argv.at(-1)}: ${stderr.trim()}`,
    'Fix it and run the same command again',
  )
}

/** Whether a tree is shared, and how many entries were kept aside for a copy. */
const askState = async (target: Host, path: string, limit: number) => {
  const [word, aside] = (await ask(target, ['bash', '-c', stateScript, 'state', path], limit)).trim().split(' ')
  return { shared: word === 'shared', aside: Number(aside ?? 0) }
}

/** Compares a script's output for a tree on both sides. Throws SwapError naming the first differences. */
const compared = async (hosts: Hosts, path: string, script: string, limit: number, next: string): Promise<string> => {
  const argv: Argv = ['bash', '-c', script, 'look', path]
  const [source, target] = await Promise.all(
    (['source', 'target'] as const).map((side) => ask(hosts(side), argv, limit)),
  )
  const differences = compareTrees(source ?? '', target ?? '')
  if (differences.length > 0)
    throw new SwapError(`target, ${path}`, `differs from the source:\n  ${differences.slice(0, 10).join('\n  ')}`, next)
  return source ?? ''
}

/**
 * Proves that a tree is the same on both sides: a copy by SHA-256, mode and owner, a shared one by names, sizes, times,
 * mode and owner. `limit`: seconds for reading all of it.
 */
export const proveSameTree = async (hosts: Hosts, path: string, limit = defaultLimits.checksum): Promise<string> => {
  const { shared, aside } = await askState(hosts('target'), path, limit)
  if (shared) {
    const next =
      'Check that both sides mount the same share with the same user and group ids, then run the same command again'
    const files = linesOf(await compared(hosts, path, listScript, limit, next)).filter((line) => !line.startsWith('d '))
    return `${path}: shared, both sides see the same ${files.length} files; nothing was copied`
  }
  const next = 'Run the same command again: it copies the tree again'
  const files = linesOf(await compared(hosts, path, digestScript, limit, next)).filter((line) =>
    /^\\?[0-9a-f]{64} /.test(line),
  )
  const kept = aside === 0 ? '' : `; ${aside} original entries of the target are kept beside it until finish`
  return `${path}: ${files.length} files equal by SHA-256, mode and owner${kept}`
}
