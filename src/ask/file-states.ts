import type { Host } from '../hosts/host.ts'
import { existing } from './facts.ts'
import { ask, type Question } from './question.ts'

type Named = Readonly<Record<string, string>>

const findFiles = (trees: readonly string[]): Question<Named> => ({
  argv: ['find', ...trees, '(', '-type', 'f', '-o', '-type', 'l', ')', '-printf', '%p\\0%m %u:%g %l\\0'],
  parse: parsePairs,
})

const hashFiles = (trees: readonly string[]): Question<Named> => ({
  argv: ['find', ...trees, '-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+'],
  parse: parseDigests,
})

/** Every file and link below the trees that exist: '/etc/nova/nova.conf' -> 'sha256 mode owner'. */
export const askFiles = async (source: Host, trees: readonly string[]): Promise<Named> => {
  const there = await ask(source, existing(trees))
  if (there.length === 0) return {}
  const [modes, digests] = await Promise.all([ask(source, findFiles(there)), ask(source, hashFiles(there))])
  return Object.fromEntries(
    Object.entries(modes).map(([path, mode]) => [path, `${digests[path] ?? 'link'} ${mode}`.trim()]),
  )
}

/** 'name\0value\0' pairs, so that no file name can look like another entry. */
export const parsePairs = (text: string): Named => {
  const words = text.split('\0')
  return Object.fromEntries(
    words.slice(0, -1).flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])),
  )
}

/** Parses `sha256sum --zero`: '<hash>  <path>\0' entries. */
export const parseDigests = (text: string): Named =>
  Object.fromEntries(
    text
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  )
