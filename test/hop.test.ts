import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hopsOf } from '../src/ask/databases.ts'
import { hopsNeeded, hopsNeededText } from '../src/commands/hop-list.ts'
import { type HopMakeOptions, makeHop } from '../src/commands/hop-make.ts'
import { wholePlan } from '../src/plan/plan.ts'
import { releaseNamed, releases } from '../src/releases/release.ts'
import type { ReleaseName } from '../src/releases/series.ts'
import { suites, suiteText } from '../src/releases/suites.ts'
import { recipeOf, recipes } from '../src/services/index.ts'
import { toolsOf } from '../src/services/tools.ts'
import type { Survey } from '../src/survey.ts'
import { makeArgv, packagesOf, servicesAt } from '../src/target/hop-archive.ts'
import { parseLook } from '../src/target/hop-look.ts'
import { hopArgv, placeOf } from '../src/target/hops-env.ts'
import { contextOf } from './real-plans.ts'

const making = (name: string, release: ReleaseName, services = recipes) => {
  const suite = suites.find((one) => one.name === name && one.release === release)
  if (suite === undefined) throw new Error(`no ${name} with ${release}`)
  const found = releaseNamed(release)
  return { release: found, suite, recipes: servicesAt(services, found), mirror: 'http://mirror/x' }
}

test('the suites have every release from icehouse to the newest but one, and each release once a suite', () => {
  const found = new Set(suites.map(({ release }) => release))
  const wanted = releases.slice(releaseNamed('icehouse').index, releaseNamed('flamingo').index + 1)
  expect(wanted.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([])
  expect(new Set(suites.map((one) => `${one.name} ${one.release}`)).size).toBe(suites.length)
  expect(suites.filter((one) => one.release === 'zed').map(suiteText)).toEqual([
    'Debian bookworm',
    'Ubuntu jammy with jammy-updates/zed of the cloud archive',
  ])
})

describe('what an environment is made of', () => {
  test('every service of the release, and the drivers of its time for each Python', () => {
    const zed = packagesOf(making('bookworm', 'zed'))
    expect(zed[0]).toBe('python3-pymysql')
    expect(zed).toHaveLength(recipes.length + 1)
    expect(packagesOf(making('trusty', 'icehouse'))).toContain('python-mysqldb')
    expect(packagesOf(making('bionic', 'rocky')).slice(0, 2)).toEqual(['python-pymysql', 'python3-pymysql'])
  })

  test('a service that has no database yet is left out', () => {
    const [icehouse, zed] = [making('trusty', 'icehouse').recipes, making('bookworm', 'zed').recipes]
    expect(icehouse.length).toBeLessThan(zed.length)
    expect(packagesOf(making('trusty', 'icehouse'))).toHaveLength(icehouse.length + 1)
  })

  test('lines of apt: one mirror, or the cloud archive beside it', () => {
    expect(makeArgv(making('bookworm', 'zed'), '/tmp/zed.tar.zst').slice(-3)).toEqual([
      'bookworm',
      '/tmp/zed.tar.zst',
      'deb http://mirror/x bookworm main',
    ])
    const ocata = { ...making('xenial', 'ocata'), cloudMirror: 'http://cloud/y', keyring: '/k.gpg' }
    const argv = makeArgv(ocata, '/o.tar.zst')
    expect(argv.slice(-2)).toEqual([
      'deb http://mirror/x xenial main universe',
      'deb http://cloud/y xenial-updates/ocata main',
    ])
    expect(argv).toContain('--keyring=/k.gpg')
  })
})

describe('hop make refuses before anything is made', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'swapctl-hop-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const refused = async (release: string, options: Partial<HopMakeOptions>, message: string) => {
    const output = join(directory, 'new.tar.zst')
    const before = await readdir(directory)
    await expect(
      makeHop(release, { service: [], mirror: 'http://127.0.0.1:9', output, ...options }),
    ).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    })
    expect(await readdir(directory)).toEqual(before)
  }

  test.each<[string, Partial<HopMakeOptions>, string]>([
    ['zod', {}, "'zod' is not an OpenStack release"],
    ['havana', {}, 'no suite that swapctl knows has packages of havana'],
    ['zed', { suite: 'xenial' }, 'xenial is no suite with packages of zed'],
    ['zed', { output: 'zed.tar' }, 'zed.tar must end in .tar.zst'],
    ['zed', { output: '/nowhere/at/all/zed.tar.zst' }, '/nowhere/at/all is not a directory'],
    ['zed', { mirror: 'http://me:s3cret@127.0.0.1/x' }, 'the URL has a login'],
    ['zed', { mirror: 'ftp.debian' }, "'ftp.debian' is not a URL"],
    ['wallaby', {}, 'Ubuntu focal with focal-updates/wallaby of the cloud archive needs its URL'],
    ['zed', { service: ['novae'] }, 'novae'],
  ])('%s %j', (release, options, message) => refused(release, options, message))

  test('a file that is there', async () => {
    await writeFile(join(directory, 'zed.tar.zst'), '')
    await refused('zed', { output: join(directory, 'zed.tar.zst') }, 'zed.tar.zst exists')
  })
})

describe('the plan with environments on the target', () => {
  const cloud = contextOf('victoria-all')
  const hops = [
    { release: 'zed', tree: '/srv/zed' },
    { release: 'zed', service: 'nova', venv: '/openstack/venvs/nova-26.1.0' },
  ]
  const plan = wholePlan({ ...cloud, config: { ...cloud.config, hops } })
  const step = (id: string) => plan.find((one) => one.id === id) ?? expect.fail(`no step ${id}`)

  test('nothing is copied: they are looked at, and each service waits for its own', async () => {
    expect(plan.filter(({ id }) => id.startsWith('hop/')).map(({ id }) => id)).toEqual([
      'hop/zed-tree',
      'hop/zed-nova-venv',
    ])
    expect(await step('hop/zed-tree').run()).toEqual([])
    expect(step('hop/zed-tree').title).toBe('Look at the hop environment of zed on the target: tree /srv/zed')
    expect(step('nova/schema-try').after).toContain('hop/zed-nova-venv')
    expect(step('nova/schema-try').after).not.toContain('hop/zed-tree')
    expect(step('cinder/schema-try').after).toContain('hop/zed-tree')
  })

  test('tools of a venv are called by their path, those of a tree inside of it, both read-only', () => {
    const call = (service: string) => {
      const recipe = recipeOf(service)
      const [program] = toolsOf(recipe, releaseNamed('zed')).sync[0]?.argv ?? expect.fail('no tool')
      return hopArgv(placeOf({ file: '/s.ini', hops }, releaseNamed('zed'), recipe), [program, 'x'], recipe.user, 60)
    }
    expect(call('nova').slice(-2)).toEqual(['/openstack/venvs/nova-26.1.0/bin/nova-manage', 'x'])
    expect(call('nova')).toContain('--property=ReadOnlyPaths=/openstack/venvs/nova-26.1.0')
    expect(call('nova').join(' ')).not.toContain('RootDirectory')
    expect(call('cinder').slice(-3)).toEqual(['/usr/bin/env', 'cinder-manage', 'x'])
    expect(call('cinder')).toContain('--property=RootDirectory=/srv/zed')
    expect(call('cinder')).toContain('--property=ReadOnlyPaths=+/')
  })

  test('a service without an environment is refused, though another has one', () => {
    const { config, survey } = cloud
    const databases = survey.services.find(({ name }) => name === 'nova')?.databases ?? []
    const only = (service: string) => ({ ...config, hops: [{ release: 'zed', service, tree: '/srv/zed' }] })
    expect(hopsOf(only('nova'), 'nova', databases).hops.map(({ id }) => id)).toEqual(['zed', '2025.1'])
    expect(() => hopsOf(only('cinder'), 'nova', databases)).toThrow(/the environment of .* is missing/)
  })
})

test('names and versions of Python distributions, by their directories', () => {
  const look = parseLook(
    ['openstack_heat-19.0.0.dist-info', 'PyMySQL-1.0.2-py3.11.egg-info', 'nova.egg-info', 'x.y-1.0.dev3.dist-info']
      .map((name) => `dist\t${name}\n`)
      .join(''),
  )
  expect(look.found.map(({ name, version }) => `${name} ${version}`)).toEqual([
    'openstack-heat 19.0.0',
    'pymysql 1.0.2',
    'x-y 1.0.dev3',
  ])
})

describe('hop list', () => {
  const service = (name: string, ...hops: (readonly string[])[]) => ({
    name,
    databases: hops.map((one) => ({ hops: one })),
  })
  const survey = (...services: readonly object[]) => ({ services }) as unknown as Pick<Survey, 'services'>
  const settings = { file: '/swapctl.ini', hops: [{ release: '2023.1', archive: '/hops/a.tar.zst' }] }
  const fine = async () => []

  test('releases in their order, with the services that pass them and the way to get what is not there', async () => {
    const found = await hopsNeeded(
      survey(service('b', ['zed', '2023.1', '2025.1'], ['2025.1']), service('a', ['2023.1', '2025.1'])),
      settings,
      fine,
      (path) => path === '/hops/a.tar.zst',
    )
    expect(found.map(({ release, services, there }) => ({ release, services, there }))).toEqual([
      { release: 'zed', services: ['b'], there: false },
      { release: '2023.1', services: ['b', 'a'], there: true },
    ])
    expect(hopsNeededText(found)).toBe(
      'zed: for b; the settings have no [hop zed]; to get it: swapctl hop make zed, from Debian bookworm or Ubuntu jammy with jammy-updates/zed of the cloud archive\n' +
        '2023.1: for b, a; /hops/a.tar.zst is there',
    )
  })

  test('an archive that is named and not there, a release that no suite has, and none at all', async () => {
    const needed = await hopsNeeded(survey(service('a', ['havana', '2023.1', '2025.1'])), settings, fine, () => false)
    expect(hopsNeededText(needed)).toMatch(
      /^havana: .*pack a root tree with its schema tools.*\n2023\.1: .*\/hops\/a\.tar\.zst is not there; to get it: swapctl hop make 2023\.1/,
    )
    expect(hopsNeededText(await hopsNeeded(survey(service('a', ['2025.1'])), settings, fine))).toMatch(
      /^no hop environment is needed/,
    )
  })

  test('a tree for all services but one, which has a venv that lacks something', async () => {
    const hops = [
      { release: 'zed', tree: '/srv/zed' },
      { release: 'Zed', service: 'b', venv: '/openstack/venvs/b-26' },
    ]
    const passing = survey(
      service('a', ['zed', '2025.1']),
      service('b', ['zed', '2025.1']),
      service('c', ['zed', '2025.1']),
    )
    const needed = await hopsNeeded(passing, { file: '/s.ini', hops }, async (hop) =>
      'venv' in hop ? ['no b-manage'] : [],
    )
    expect(hopsNeededText(needed)).toBe(
      'zed: for a, c; tree /srv/zed on the target can be used\nzed: for b; no b-manage',
    )
    expect(needed.map(({ there }) => there)).toEqual([true, false])
  })
})
