import { createHash } from 'node:crypto'
import { Parser, type ReadEntry } from 'tar'
import { ask, lines, type Question } from '../ask/question.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { encode } from '../hosts/text.ts'
import { defaultLimits } from '../limits.ts'

const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r' }

/** SHA-256 (hex) of plain files by path. */
type Hashes = ReadonlyMap<string, string>

/**
 * Hashes of every plain file below these trees; sha256sum marks names that it had to escape, which are unescaped here.
 */
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
 * Compares a tar archive on one machine (paths without the leading slash) with the trees it was made from on another.
 * `wrong`: files that are missing in it or differ. `limit`: seconds for reading the archive. Throws SwapError when the
 * archive is incomplete.
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

/** The parser turns every byte that is not UTF-8 into U+FFFD; files that then share a name are compared together. */
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
  // cat's error comes first: without input the parser only complains that there was none.
  const why =
    exit.value.code !== 0 || read.status === 'fulfilled' ? exit.value.stderr.trim() : (read.reason as Error).message
  throw new SwapError(host.name, `the archive ${archive} is incomplete: ${why}`, 'Run the same command again')
}

const note = (found: [path: string, hash: string][], entry: ReadEntry): void => {
  const hash = createHash('sha256')
  entry.on('data', (chunk) => hash.update(chunk))
  entry.on('end', () => {
    // tar stores a file's second name as a link to the first.
    const linked = entry.type === 'Link' ? found.find(([path]) => path === `/${entry.linkpath}`)?.[1] : undefined
    if (entry.type === 'File' || linked !== undefined) found.push([`/${entry.path}`, linked ?? hash.digest('hex')])
  })
}
