import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** From the top down: a room imports rooms below it, never one above. ARCHITECTURE.md describes each. */
const floors = [
  'cli',
  'commands',
  'report',
  'plan',
  'finish',
  'checks',
  'computes',
  'cutover',
  'rehearse',
  'staged',
  'verify',
  'credentials',
  'cost',
  'fixups',
  'target',
  'source',
  'transfer',
  'ask',
  'api',
  'hops',
  'settings',
  'context',
  'services',
  'rewrite',
  'releases',
  'engine',
  'hosts',
  'base',
  'text',
  'errors',
]

/** Files outside the rooms, and files that belong to another room than their folder. */
const homes: Readonly<Record<string, string>> = {
  'cli.ts': 'cli',
  'program.ts': 'cli',
  'context.ts': 'context',
  'survey.ts': 'context',
  'config.ts': 'base',
  'limits.ts': 'base',
  'places.ts': 'base',
  'state.ts': 'base',
  'errors.ts': 'errors',
}

const src = join(import.meta.dirname, '../src')

const files: readonly string[] = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
)

const roomOf = (path: string): string => {
  if (/^services\/(.*\/)?checks(-\w+)?\.ts$/.test(path)) return 'checks'
  return homes[path] ?? path.split('/')[0] ?? ''
}

/**
 * [importing file, imported file], both below src/; `kept`: types are erased, so only these are imported at run time.
 */
const imports = files.flatMap((path) =>
  [
    ...readFileSync(join(src, path), 'utf8').matchAll(/(?:^(import type)[^;]*?from|from|import\() ?'(\.[^']+\.ts)'/gm),
  ].map(([, erased, target = '']) => ({
    from: path,
    to: relative(src, join(src, dirname(path), target)),
    kept: erased === undefined,
  })),
)

describe('rooms', () => {
  test('every file is in a room with a floor', () => {
    expect(files.filter((path) => !floors.includes(roomOf(path)))).toEqual([])
  })

  test('nothing imports from a room above', () => {
    const up = imports.filter(({ from, to }) => floors.indexOf(roomOf(to)) < floors.indexOf(roomOf(from)))
    expect(up.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  test('no files import each other in a circle', () => {
    const next = new Map(
      files.map((path) => [path, imports.filter(({ from, kept }) => kept && from === path).map(({ to }) => to)]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' > '))
      if (way.includes(path) || done.has(path)) return
      for (const to of next.get(path) ?? []) visit(to, [...way, path])
      done.add(path)
    }
    for (const path of files) visit(path, [])
    expect(circles).toEqual([])
  })
})
