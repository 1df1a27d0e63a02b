import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { recipes } from '../src/services/index.ts'

const root = join(import.meta.dirname, '..')
const src = join(root, 'src')

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .toSorted()

/**
 * Every name at the beginning of a word: novaRecipe, sideNova, NOVA_CONF, 'nova_api', but not replacement or
 * innovation.
 */
const namesOf = (names: readonly string[]): RegExp =>
  new RegExp(
    names
      .flatMap((name) => [`(?<![a-z])${name}`, `${name[0]?.toUpperCase()}${name.slice(1)}`, name.toUpperCase()])
      .join('|'),
  )

const services = namesOf(recipes.map(({ name }) => name))

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

/** Comments and a check's `source` may cite where a fact comes from. */
const citations = /^\s*source:\s*(['"`])(?:\\.|(?!\1).)*\1/gm

/**
 * Replaces comments by blanks, keeping lines. Strings stay: keeping one that looks like a comment is better than losing
 * it.
 */
const withoutComments = (path: string, text: string): string =>
  path.endsWith('.ts')
    ? text
        .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank)
        .replace(/(^|\s)\/\/ .*$/gm, blank)
        .replace(citations, blank)
    : text.replace(/(^|\s)#.*$/gm, blank)

/** 'path:line: text' of each line that names a service, and such paths. */
const named = (path: string, text: string): readonly string[] => [
  ...(services.test(path) ? [`${path}: its name`] : []),
  ...withoutComments(path, text)
    .split('\n')
    .flatMap((line, index) => (services.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
]

describe('a service is one folder', () => {
  test('nothing outside src/services names a service', () => {
    const files = filesIn(src).filter((path) => !path.startsWith('services/'))
    expect(files.length).toBeGreaterThan(300)
    expect(files.filter((path) => /\.(sh|py|awk)$/.test(path)).length).toBeGreaterThan(5)
    expect(files.flatMap((path) => named(path, readFileSync(join(src, path), 'utf8')))).toEqual([])
  })

  test('types and helpers beside the folders mention services only in comments', () => {
    const lists = ['index.ts', 'checks.ts']
    const beside = readdirSync(join(src, 'services')).filter((name) => name.endsWith('.ts') && !lists.includes(name))
    expect(beside.flatMap((name) => named(name, readFileSync(join(src, 'services', name), 'utf8')))).toEqual([])
  })

  test('names are found in identifiers, texts, file names and programs, but not in comments and citations', () => {
    const of = (path: string, text: string) => named(path, text).length
    const [name = ''] = recipes.map((recipe) => recipe.name)
    const capital = `${name[0]?.toUpperCase()}${name.slice(1)}`
    for (const text of [`'${name}'`, `const ${name}Host = 1`, `const old${capital} = 1`, `\`\${x} of ${name}_api\``])
      expect({ text, found: of('a.ts', text) }).toEqual({ text, found: 1 })
    expect(of(`${name}-host.ts`, '')).toBe(1)
    expect(of('a.py', `print('${name}')`)).toBe(1)
    expect(of('a.ts', `/** ${name} */\n  // ${name}\n  source: '${name}/api.py',\n  source:\n    "${name}'s",\n`)).toBe(
      0,
    )
    expect(of('a.sh', `# ${name}\necho # ${name}`)).toBe(0)
    expect(of('a.ts', 'const replacement = 1')).toBe(0)
  })

  test('ARCHITECTURE.md lists the files of a folder, and which of them every service has', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    const table = /\n## A service\n([\s\S]*?)\n## /.exec(text)?.[1] ?? ''
    const rows = [...table.matchAll(/^\| (`.*?) \| .*? \| (.*?) ?\|$/gm)].map(([, files = '', when = '']) => ({
      files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
      always: when === 'always',
    }))
    const documented = rows.flatMap(({ files }) => files)
    const folders = recipes.map(({ name }) => filesIn(join(src, 'services', name)))
    expect([...new Set(folders.flat())].toSorted()).toEqual(documented.toSorted())
    const missing = rows
      .filter(({ always }) => always)
      .flatMap(({ files }) => files.filter((file) => !folders.every((own) => own.includes(file))))
    expect(missing).toEqual([])
  })

  test('only the two lists import the folders', () => {
    const importing = filesIn(src)
      .filter((path) => path.endsWith('.ts') && !/^services\/[^/]+\//.test(path))
      .filter((path) =>
        [...readFileSync(join(src, path), 'utf8').matchAll(/from '([^']+)'/g)].some(([, target = '']) =>
          recipes.some(({ name }) => join(path, '..', target).startsWith(`services/${name}/`)),
        ),
      )
    expect(importing).toEqual(['services/checks.ts', 'services/index.ts'])
  })
})
