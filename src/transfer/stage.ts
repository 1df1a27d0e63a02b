import { ask, type Question } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'
import { keysScript, showScript } from './tree-scripts.ts'

/** A file of a tree on the source. */
export interface Seen {
  /** 'SIZE MTIME CTIME INODE': as long as it stays, so does the content, because nobody can set a ctime back */
  readonly key: string
  /** './a/b' */
  readonly path: string
  readonly bytes: number
}

/** A copy in the target's staging place. */
export interface Staged {
  /**
   * ready: it is as it was when it was read back and had the SHA-256 of the source's file. linked: that too, and the
   * tree has it. unproved: it was not read back, or has changed since
   */
  readonly state: 'ready' | 'linked' | 'unproved'
  /** the key of the source's file whose content it has */
  readonly source: string
  /** the key it had when it was proved */
  readonly target: string
  readonly path: string
}

/** The staging place of a tree. */
export interface Stage {
  /** bytes that are free on its file system */
  readonly free: number
  /** undefined: there is none */
  readonly files?: readonly Staged[]
}

const wordsOf = (text: string): readonly string[] => text.split('\0').slice(0, -1)

const keyLength = 4

export const parseKeys = (text: string): readonly Seen[] =>
  wordsOf(text).map((word) => {
    const parts = word.split(' ')
    const key = parts.slice(0, keyLength)
    return { key: key.join(' '), path: parts.slice(keyLength).join(' '), bytes: Number(key[0]) }
  })

export const parseStage = (text: string): Stage => {
  const [free = '', there, ...words] = wordsOf(text)
  if (there === undefined) return { free: Number(free) }
  const files: Staged[] = []
  for (let at = 0; at + keyLength <= words.length; at += keyLength) {
    const [state, source = '', target = '', path = ''] = words.slice(at, at + keyLength)
    files.push({ state: state as Staged['state'], source, target, path })
  }
  return { free: Number(free), files }
}

export interface Compared {
  /** staged, and unchanged on the source since */
  readonly same: readonly Seen[]
  /** new or changed */
  readonly fetch: readonly Seen[]
  /** paths of staged files that the source no longer has */
  readonly gone: readonly string[]
}

export const compareStage = (seen: readonly Seen[], staged: readonly Staged[]): Compared => {
  const keys = new Map(staged.map(({ path, source }) => [path, source]))
  const paths = new Set(seen.map(({ path }) => path))
  return {
    same: seen.filter(({ path, key }) => keys.get(path) === key),
    fetch: seen.filter(({ path, key }) => keys.get(path) !== key),
    gone: staged.flatMap(({ path }) => (paths.has(path) ? [] : [path])),
  }
}

export const bytesOf = (files: readonly Pick<Seen, 'bytes'>[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0)

/** Standard input of the programs: words, each NUL-terminated. */
export const listed = (words: readonly string[]): string => words.map((word) => `${word}\0`).join('')

const keysOf = (path: string): Question<readonly Seen[]> => ({
  argv: ['bash', '-c', keysScript, 'keys', path],
  parse: parseKeys,
})

/** The regular files of a tree, without those that have several names. */
export const askKeys = (host: Host, path: string): Promise<readonly Seen[]> => ask(host, keysOf(path))

/** What is staged for a tree of the target. */
export const askStage = (target: Host, path: string): Promise<Stage> =>
  ask(target, { argv: ['bash', '-c', showScript, 'show', path], parse: parseStage })
