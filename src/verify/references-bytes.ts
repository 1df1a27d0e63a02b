import type { Db } from '../hosts/db.ts'
import type { Argv, Host } from '../hosts/host.ts'
import type { Bytes } from '../services/bytes.ts'
import type { Broken } from '../services/reference.ts'
import { name as identifier } from '../text/sql.ts'
import { grouped } from './grouped.ts'

/** A file with an image, and what its service knows about it. */
export interface ImageFile {
  readonly id: string
  readonly path: string
  readonly size: number
  /** 'sha512' and its hexadecimal digits; MD5 if there is nothing better; '' if there is none */
  readonly algorithm: string
  readonly hash: string
}

interface Row {
  readonly id: string
  readonly size: string | number | null
  readonly value: string
  readonly checksum: string | null
  readonly algorithm?: string | null
  readonly hash?: string | null
}

/** Bytes. Reading all images takes as long as the disk needs, so by default only the smallest ones up to this total. */
const hashedByDefault = 2 ** 30

const programs: Readonly<Record<string, string>> = {
  md5: 'md5sum',
  sha1: 'sha1sum',
  sha224: 'sha224sum',
  sha256: 'sha256sum',
  sha384: 'sha384sum',
  sha512: 'sha512sum',
}

/** Undefined for images outside the machine's files: other stores do not move. */
export const fileOf = (row: Row): ImageFile | undefined => {
  if (!row.value.startsWith('file:///')) return undefined
  const known = row.algorithm != null && row.hash != null && programs[row.algorithm] !== undefined
  const [algorithm, hash] = known ? [row.algorithm, row.hash] : row.checksum === null ? ['', ''] : ['md5', row.checksum]
  return {
    id: row.id,
    path: pathOf(row.value),
    size: Number(row.size ?? 0),
    algorithm: algorithm ?? '',
    hash: hash ?? '',
  }
}

const pathOf = (url: string): string => {
  const path = url.slice('file://'.length)
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The images to be read, smallest first. */
export const withinBudget = (files: readonly ImageFile[], bytes: number): readonly ImageFile[] => {
  let left = bytes
  return files
    .filter(({ hash }) => hash !== '')
    .toSorted((a, b) => a.size - b.size)
    .filter(({ size }) => {
      left -= size
      return left >= 0
    })
}

const askFilesOf = async (db: Db, { sql, digest }: Bytes, database: string): Promise<readonly ImageFile[]> => {
  const [modern] = await db.rows(
    'SELECT 1 FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND column_name = ?',
    [database, digest.table, digest.column],
  )
  const asked = sql.replaceAll('{}', identifier(database)).replace('{digest}', modern === undefined ? '' : digest.sql)
  return (await db.rows<Row>(asked)).map(fileOf).filter((file) => file !== undefined)
}

/**
 * Runs a program on many paths and parses NUL-terminated 'WORD PATH' lines, which allows any name. Unreadable ones are
 * left out.
 */
const perPath = async (host: Host, argv: Argv, paths: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  if (paths.length === 0) return new Map()
  const stdin = paths.map((path) => `${path}\0`).join('')
  const { stdout } = await host.run({ argv: ['xargs', '-0', '-r', ...argv], stdin, limit: 3600 })
  return new Map(
    stdout
      .split('\0')
      .map((line) => /^(\S+) [ *]?([\s\S]*)$/.exec(line))
      .flatMap((match) => (match === null ? [] : [[match[2] ?? '', match[1] ?? ''] as const])),
  )
}

const askHashes = async (host: Host, files: readonly ImageFile[]): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  for (const [algorithm, some] of grouped(files, (file) => file.algorithm)) {
    const program = programs[algorithm]
    if (program === undefined) continue
    const sums = await perPath(
      host,
      [program, '--zero', '--'],
      some.map(({ path }) => path),
    )
    for (const [path, sum] of sums) found.set(path, sum)
  }
  return found
}

/** Images whose file is missing or has another size or content. `bytes`: maximum bytes to read. */
export const askBytes = async (
  db: Db,
  host: Host,
  kind: Bytes,
  database: string,
  bytes = hashedByDefault,
): Promise<readonly Broken[]> => {
  const files = await askFilesOf(db, kind, database)
  const paths = files.map(({ path }) => path)
  const sizes = await perPath(host, ['stat', '--printf=%s  %n\\0', '--'], paths)
  const wrong = files.filter(({ path, size }) => Number(sizes.get(path)) !== size)
  const right = files.filter((file) => !wrong.includes(file))
  const hashes = await askHashes(host, withinBudget(right, bytes))
  return [
    ...wrong.map(({ id, path, size }) => ({
      id,
      key: sizes.has(path)
        ? `its file ${path} has ${sizes.get(path)} bytes, but its row has ${size}`
        : `its file ${path} is missing`,
    })),
    ...right
      .filter(({ path, hash }) => hashes.has(path) && hashes.get(path) !== hash)
      .map(({ id, path, algorithm }) => ({ id, key: `its file ${path} has another ${algorithm} than its row` })),
  ]
}
