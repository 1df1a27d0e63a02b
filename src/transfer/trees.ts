import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Argv, Host, Hosts } from '../hosts/host.ts'
import { defaultLimits } from '../limits.ts'
import { pack, unpack } from './packing.ts'

export interface Tree {
  /** absolute: '/var/lib/glance/images' */
  readonly path: string
  /** 'glance:glance': who must exist on the target; the files keep the owners they have, by name */
  readonly owner: string
}

/** Owners go by name: GNU tar writes both, and looks the name up first; uids differ between releases. */
const sendScript = `set -o pipefail
tar --create --file=- --sparse --one-file-system --directory="$1" -- . | ${pack}`

/** What lay there from an earlier run is removed first: a rotated key or a deleted image must not come back. */
const receiveScript = `set -o pipefail
${unpack}
find "$1" -xdev -mindepth 1 -delete && unpack | tar --extract --file=- --preserve-permissions --same-owner --directory="$1"`

/** Copies a tree with names, modes and owners; afterwards the target's is the source's, and nothing else is in it. */
export const treeActions = ({ path, owner }: Tree): readonly Action[] => {
  const [user, group = user] = owner.split(':') as [string, string?]
  return [
    { kind: 'exec', on: 'target', argv: ['install', '--directory', `--owner=${user}`, `--group=${group}`, '--', path] },
    {
      kind: 'pipe',
      from: { on: 'source', argv: ['bash', '-c', sendScript, 'send', path] },
      to: { on: 'target', argv: ['bash', '-c', receiveScript, 'receive', path] },
      what: path,
    },
  ]
}

const digestScript = `cd -- "$1" && export LC_ALL=C || exit 1
set -e -o pipefail
find . -xdev -type f -print0 | sort -z | xargs -0r sha256sum --
find . -xdev -printf '%y %m %u:%g %P -> %l\\0' | sort -z | sed -z 's/\\\\/\\\\\\\\/g; s/\\n/\\\\n/g' | tr '\\0' '\\n'`

/**
 * Prints a line per file (SHA-256) and a line per entry (type, mode, owner by name, link), sorted: equal trees, equal text.
 * A backslash or line end in a name is written \\ or \n, so that no name can look like another entry.
 */
const treeDigest = (path: string): Argv => ['bash', '-c', digestScript, 'digest', path]

/** Lines of two digests that only one of them has, files first; empty when the trees are equal. Pure. */
export const compareTrees = (source: string, target: string): readonly string[] => {
  const [here, there] = [new Set(linesOf(source)), new Set(linesOf(target))]
  return [
    ...[...here].filter((line) => !there.has(line)).map((line) => `on the source: ${line}`),
    ...[...there].filter((line) => !here.has(line)).map((line) => `on the target: ${line}`),
  ]
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

const ask = async (host: Host, path: string, limit: number): Promise<string> => {
  const argv = treeDigest(path)
  const { code, stdout, stderr } = await host.run({ argv, limit })
  if (code === 0) return stdout
  throw new SwapError(
    host.name,
    `cannot read all of ${path}: ${stderr.trim()}`,
    'Mend it and run the same command again',
  )
}

/** Proves that a tree is the same on both sides; `limit`: seconds for reading all of it. Throws SwapError naming the first differences. */
export const proveSameTree = async (hosts: Hosts, path: string, limit = defaultLimits.checksum): Promise<string> => {
  const [source, target] = await Promise.all([ask(hosts('source'), path, limit), ask(hosts('target'), path, limit)])
  const differences = compareTrees(source, target)
  if (differences.length > 0)
    throw new SwapError(
      `target, ${path}`,
      `differs from the source's:\n  ${differences.slice(0, 10).join('\n  ')}`,
      'Run the same command again: the tree is copied anew',
    )
  const files = linesOf(source).filter((line) => /^\\?[0-9a-f]{64} /.test(line)).length
  return `${path}: ${files} files equal by SHA-256, mode and owner`
}
