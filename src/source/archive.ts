import { createHash } from 'node:crypto'
import { Parser, type ReadEntry } from 'tar'
import { ask, lines, type Question } from '../ask/question.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { encode } from '../hosts/text.ts'
import { defaultLimits } from '../limits.ts'

const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r' }

/** Path -> SHA-256 in hex of a plain file's bytes. */
type Hashes = ReadonlyMap<string, string>

/** Of every plain file below these trees; sha256sum marks names that it had to escape, and those are taken back. */
const hashes = (paths: readonly string[]): Question<Hashes> => ({
  argv: ['find', ...paths, '-type', 'f', '-exec', 'sha256sum', '--', '{}', '+'],
  parse: (text) =>
    new Map(
      lines(text).map((line) =>
        line.startsWith('\\')
          ? [line.slice(67).replace(/\\([\\nr])/g, (_, letter: string) => plain[letter] ?? '\\'), line.slice(1, 65)]
          : [line.slice(66), line.slice(0, 64)],
      ),
    ),
})

/**
 * Compares a tar archive on one machine (its paths without the leading slash) with the trees it was made of on another.
 * `wrong`: files that are missing in it or differ. `limit`: seconds for
 * reading the archive. Throws SwapError when the archive is torn.
 */
export const compareArchive = async (
  source: Host,
  paths: readonly string[],
  target: Host,
  archive: string,
  limit: number = defaultLimits.command,
): Promise<{ readonly files: number; readonly wrong: readonly string[] }> => {
  const [kept, live] = await Promise.all([hashesIn(target, archive, limit), ask(source, hashes(paths))])
  const found = asArchived([...live])
  const wrong = [...live.keys()].filter(
    (path) => kept.get(archived(path))?.join() !== found.get(archived(path))?.join(),
  )
  return { files: live.size, wrong }
}

/** The parser reads every byte that is no UTF-8 as U+FFFD: files may share a name then, and are compared together. */
const archived = (path: string): string => encode(path).toString('utf8')

const asArchived = (
  files: readonly (readonly [path: string, hash: string])[],
): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>()
  for (const [path, hash] of files) found.set(archived(path), [...(found.get(archived(path)) ?? []), hash].sort())
  return found
}

/** Reads the archive to its end. */
const hashesIn = async (
  host: Host,
  archive: string,
  limit: number,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const found: [path: string, hash: string][] = []
  const parser = new Parser({ strict: true, onReadEntry: (entry) => note(found, entry) })
  const parsed = new Promise<void>((resolve, reject) => {
    parser.on('end', resolve)
    parser.on('error', reject)
  })
  const job = await host.spawn({ argv: ['cat', archive], limit })
  job.stdout.on('data', (chunk: Buffer) => void parser.write(chunk))
  job.stdout.on('end', () => void parser.end())
  const [read, exit] = await Promise.allSettled([parsed, job.exit])
  if (exit.status === 'rejected') throw exit.reason
  if (read.status === 'fulfilled' && exit.value.code === 0) return asArchived(found)
  // What `cat` says comes first: after it, the parser only complains of having got nothing.
  const why =
    exit.value.code !== 0 || read.status === 'fulfilled' ? exit.value.stderr.trim() : (read.reason as Error).message
  throw new SwapError(host.name, `the archive ${archive} is incomplete: ${why}`, 'Run the same command again')
}

const note = (found: [path: string, hash: string][], entry: ReadEntry): void => {
  const hash = createHash('sha256')
  entry.on('data', (chunk) => hash.update(chunk))
  entry.on('end', () => {
    // A file's second name is kept as a link to its first.
    const linked = entry.type === 'Link' ? found.find(([path]) => path === `/${entry.linkpath}`)?.[1] : undefined
    if (entry.type === 'File' || linked !== undefined) found.push([`/${entry.path}`, linked ?? hash.digest('hex')])
  })
}
