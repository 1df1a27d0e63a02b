import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hopsNeeded, hopsNeededText } from '../src/commands/hop-list.ts'
import { type HopMakeOptions, makeHop } from '../src/commands/hop-make.ts'
import { releaseNamed, releases } from '../src/releases/release.ts'
import type { ReleaseName } from '../src/releases/series.ts'
import { suites, suiteText } from '../src/releases/suites.ts'
import { recipes } from '../src/services/index.ts'
import type { Survey } from '../src/survey.ts'
import { makeArgv, packagesOf, servicesAt } from '../src/target/hop-archive.ts'

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

describe('hop list', () => {
  const service = (name: string, ...hops: (readonly string[])[]) => ({
    name,
    databases: hops.map((one) => ({ hops: one })),
  })
  const survey = (...services: readonly object[]) => ({ services }) as unknown as Pick<Survey, 'services'>
  const settings = { file: '/swapctl.ini', hops: [{ release: '2023.1', archive: '/hops/a.tar.zst' }] }

  test('releases in their order, with the services that pass them and the way to get what is not there', () => {
    const found = hopsNeeded(
      survey(service('b', ['zed', '2023.1', '2025.1'], ['2025.1']), service('a', ['2023.1', '2025.1'])),
      settings,
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

  test('an archive that is named and not there, a release that no suite has, and none at all', () => {
    const needed = hopsNeeded(survey(service('a', ['havana', '2023.1', '2025.1'])), settings, () => false)
    expect(hopsNeededText(needed)).toMatch(
      /^havana: .*pack a root tree with its schema tools\n2023\.1: .*\/hops\/a\.tar\.zst is not there; to get it: swapctl hop make 2023\.1/,
    )
    expect(hopsNeededText(hopsNeeded(survey(service('a', ['2025.1'])), settings))).toMatch(
      /^no hop environment is needed/,
    )
  })
})
