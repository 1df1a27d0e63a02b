import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mendAt } from '../../src/hops/edge.ts'
import { type Release, releaseNamed, releases } from '../../src/releases/release.ts'
import type { ReleaseName } from '../../src/releases/series.ts'
import { blockers, recipes, repoNamed } from '../../src/services/index.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { databasesAt, needs, toolsOf, withConfig } from '../../src/services/tools.ts'

/** A call that a release's schema tool accepts; `version` if only the first or last of the release does. */
interface Call {
  readonly words: string
  readonly options: readonly string[]
  readonly needed: readonly string[]
  readonly version?: string | undefined
}

const [, ...rows] = readFileSync(new URL('../fixtures/tool-facts.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
const index = (name: string | undefined) => releaseNamed(name as ReleaseName).index

/** 'grizzly-mitaka newton@14.0.0' */
const spanOf = (span: string, { index: at }: Release): { readonly version?: string | undefined } | undefined => {
  for (const word of span.split(' ')) {
    const [range = '', version] = word.split('@')
    const [first, last = first] = range.split('-')
    if (index(first) <= at && at <= index(last)) return { version }
  }
  return undefined
}

const callsOf = (project: string, release: Release): readonly Call[] =>
  rows.flatMap((row) => {
    const [owner, words = '', args = '', span = ''] = row.split('\t')
    const found = owner === project ? spanOf(span, release) : undefined
    if (found === undefined) return []
    const all = args.split(' ').filter((word) => word !== '')
    const options = all.filter((word) => /^!?--/.test(word)).map((word) => word.replace('!', ''))
    const needed = all.filter((word) => word.startsWith('!') || /^\w/.test(word))
    return [{ words, options, needed, version: found.version }]
  })

const words = (argv: readonly string[]): readonly string[] => {
  const rest = argv.slice(1)
  while (rest[0] === '--config-file') rest.splice(0, 2)
  return rest
}

/** Why a release's tool would not accept this call; undefined: it does. `least`: the minimum version in the recipe. */
const refusal = (project: string, release: Release, argv: readonly string[], least?: string): string | undefined => {
  const said = words(argv).join(' ')
  const known = callsOf(project, release).filter((call) => said === call.words || said.startsWith(`${call.words} `))
  const fits = known.filter((call) => {
    const rest = said.slice(call.words.length).trim().split(' ').filter(Boolean)
    const values = rest.filter((word) => !word.startsWith('--'))
    const options = rest.filter((word) => word.startsWith('--'))
    const lacking = call.needed.filter((word) => !rest.includes(word.replace('!', '')) && word.startsWith('!'))
    const places = call.needed.filter((word) => !word.startsWith('!'))
    return lacking.length === 0 && values.length >= places.length && options.every((one) => call.options.includes(one))
  })
  const versions = new Set(fits.map(({ version }) => version))
  const whole = versions.has(undefined) || versions.size === 2 || (least !== undefined && versions.size > 0)
  return whole ? undefined : `${project} of ${release.name} does not take '${said}' (${fits.length} of its versions do)`
}

const lives = ({ databases }: Recipe, release: Release): boolean =>
  databases.some(({ repo }) => repoNamed(repo).ends[release.name] !== undefined)

describe.each(recipes.map((recipe) => [recipe.name, recipe] as const))('%s', (_, recipe) => {
  const { project } = recipe.release

  test('every release accepts the calls made for it', () => {
    const wrong = releases.flatMap((release) => {
      const { sync, online, least } = toolsOf(recipe, release)
      const mends = blockers
        .filter(({ repo }) => recipe.databases.some((one) => one.repo === repo))
        .flatMap((blocker) => mendAt(blocker, release) ?? [])
      return [...sync, ...online, ...mends].flatMap(({ argv }) => refusal(project, release, argv, least?.version) ?? [])
    })
    expect(wrong).toEqual([])
  })

  test('every release that can be a hop has a call that creates its schema', () => {
    const mute = releases.filter(
      (release) => release.name !== 'grizzly' && lives(recipe, release) && toolsOf(recipe, release).sync.length === 0,
    )
    expect(mute.map(({ name }) => name)).toEqual([])
  })

  test('entries go from old to new', () => {
    const places = recipe.tools.map(({ from }) => index(from))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(new Set(places).size).toBe(places.length)
  })

  test('a database begins with its line of revisions', () => {
    for (const { name, repo, since } of recipe.databases) {
      const first = releases.find((release) => repoNamed(repo).ends[release.name])
      if (since !== undefined) expect(index(since), name).toBeGreaterThanOrEqual(first?.index ?? 0)
    }
  })
})

const nova = recipes.find(({ name }) => name === 'nova') as Recipe
const at = (name: ReleaseName) => toolsOf(nova, releaseNamed(name))
const argvs = (name: ReleaseName) => [...at(name).sync, ...at(name).online].map(({ argv }) => argv.slice(1).join(' '))

test('fields that an entry omits stay as before', () => {
  expect(argvs('juno')).toEqual(['db sync'])
  expect(argvs('liberty')).toEqual(['api_db sync', 'db sync'])
  expect(argvs('queens')).toEqual(['api_db sync', 'db sync', 'db online_data_migrations'])
  expect([at('kilo').driver, at('liberty').driver]).toEqual(['mysql', 'mysql+pymysql'])
})

test('a minimum version applies to that release only', () => {
  expect([at('mitaka').least, at('newton').least?.version, at('ocata').least]).toEqual([undefined, '14.0.7', undefined])
})

test('databases appear, and are optional at first', () => {
  const names = (name: ReleaseName) => databasesAt(nova, releaseNamed(name)).map((one) => one.name)
  expect(names('juno')).toEqual(['nova'])
  expect(names('kilo')).toEqual(['nova_api', 'nova'])
  expect(names('newton')).toEqual(['nova_api', 'nova_cell0', 'nova'])
  const wanted = (name: ReleaseName) =>
    nova.databases.filter((one) => needs(one, releaseNamed(name))).map((one) => one.name)
  expect(wanted('mitaka')).toEqual(['nova'])
  expect(wanted('newton')).toEqual(['nova_api', 'nova'])
  expect(wanted('ocata')).toEqual(['nova_api', 'nova_cell0', 'nova'])
})

test('an additional config file is read last', () => {
  const more = (name: string, release: ReleaseName) => {
    const recipe = recipes.find((one) => one.name === name) as Recipe
    return withConfig(toolsOf(recipe, releaseNamed(release)).sync[0]?.argv ?? [''], recipe, '/tmp/x').join(' ')
  }
  expect(more('keystone', 'icehouse')).toBe(
    'keystone-manage --config-file /etc/keystone/keystone.conf --config-file /tmp/x db_sync',
  )
  expect(more('neutron', 'icehouse')).toBe(
    'neutron-db-manage --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini --config-file /tmp/x upgrade head',
  )
})

test('what is fixed on the way is among the calls that every hop makes anyway', () => {
  for (const blocker of blockers) {
    const recipe = recipes.find(({ databases }) => databases.some(({ repo }) => repo === blocker.repo)) as Recipe
    for (const release of releases) {
      const mend = mendAt(blocker, release)
      if (mend?.when !== 'on-the-way') continue
      const { sync, online } = toolsOf(recipe, release)
      const calls = [...sync, ...online].map(({ argv }) => argv.join(' '))
      expect(calls, `${blocker.id} of ${release.name}`).toContain(mend.argv.join(' '))
    }
  }
})

test('tools of barbican read the URL from sql_connection until 2023.2', () => {
  const barbican = recipes.find(({ name }) => name === 'barbican') as Recipe
  const url = (name: ReleaseName) => toolsOf(barbican, releaseNamed(name)).url
  expect([url('liberty'), url('zed'), url('bobcat')]).toEqual(Array(3).fill(['DEFAULT', 'sql_connection']))
  expect([url('caracal'), url('epoxy')]).toEqual([false, false])
})
