import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askChecks, block, type Check, type CheckContext } from '../../src/ask/check.ts'
import { addressChecks } from '../../src/checks/addresses.ts'
import { hopChecks } from '../../src/checks/hops.ts'
import { sourceChecks } from '../../src/checks/source.ts'
import { targetChecks } from '../../src/checks/target.ts'
import { refuse } from '../../src/errors.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import type { Survey } from '../../src/survey.ts'
import { idleRoles, shortcomings, unitsIn, wantedPackages } from '../../src/target/installed.ts'
import { parsePolicy } from '../../src/target/offers.ts'
import { shortages } from '../../src/target/room.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/facts', name), 'utf8')

/** For checks that use only the survey: asking a machine fails here. */
const context = (survey: Survey = surveyed, config = settings): CheckContext => ({
  config,
  survey,
  recipes: [nova],
  recreate: false,
  claimed: false,
  hosts: (name) => {
    throw new Error(`no machine is asked here, but ${name} was`)
  },
})
const all = [...sourceChecks, ...addressChecks, ...targetChecks, ...hopChecks]
const found = async (id: string, survey?: Survey, config = settings): Promise<readonly string[]> => {
  const check = all.find((one) => one.id === id) as Check
  return (await askChecks([check], context(survey, config))).map((one) => `${one.level}: ${one.says}`)
}

test('all findings of all checks are returned, and a check that cannot run blocks', async () => {
  const checks: readonly Check[] = [
    {
      id: 'a/one',
      level: 'block',
      title: 'One',
      source: 'a rule',
      why: 'why',
      remedy: 'remedy',
      ask: async () => [block('one says', 'do this')],
    },
    {
      id: 'b/two',
      level: 'block',
      title: 'Two',
      source: 'a rule',
      why: 'why',
      remedy: 'remedy',
      ask: async () => {
        throw refuse('source', 'is away', 'Bring it back')
      },
    },
    {
      id: 'c/three',
      level: 'warn',
      title: 'Three',
      source: 'a rule',
      why: 'why',
      remedy: 'remedy',
      ask: async () => [],
    },
  ]
  expect(await askChecks(checks, context())).toEqual([
    { id: 'a/one', level: 'block', says: 'one says', remedy: 'do this' },
    { id: 'b/two', level: 'block', says: 'Two: source: is away', remedy: 'Bring it back' },
  ])
})

test('ids of checks are unique', () => {
  expect(new Set(all.map((check) => check.id)).size).toBe(all.length)
})

describe('moving addresses', () => {
  test('on the right interfaces give no finding', async () => {
    expect(await found('address/held')).toEqual([])
  })

  test('missing on the source, on another interface, or already on the target', async () => {
    const moved = (address: string, at: string): typeof settings => ({
      ...settings,
      addresses: [{ name: 'api', address, prefix: 24, sourceInterface: at, targetInterface: 'eth0' }],
    })
    const addresses = [{ interface: 'lo', address: '10.20.0.10', prefix: 24 }]
    expect(await found('address/held', { ...surveyed, source: { ...surveyed.source, addresses } })).toEqual([
      'block: the source holds 10.20.0.10 on lo; an address there is not announced and cannot move',
    ])
    expect(await found('address/held', surveyed, moved('10.20.0.99', 'eth0'))).toEqual([
      'block: the source does not hold 10.20.0.99',
    ])
    expect(await found('address/held', surveyed, moved('10.20.0.10', 'eth1'))).toEqual([
      'block: the source holds 10.20.0.10/24 on eth0, not 10.20.0.10/24 on eth1',
    ])
    const both = {
      ...surveyed,
      target: { ...surveyed.target, addresses: [{ interface: 'eth0', address: '10.20.0.10', prefix: 24 }] },
    }
    expect(await found('address/held', both)).toEqual(['block: the target already holds 10.20.0.10 on eth0'])
  })

  test('to a missing interface or one that is down', async () => {
    const absent = { ...surveyed, target: { ...surveyed.target, interfaces: [] } }
    expect(await found('address/held', absent)).toEqual(['block: the target has no interface eth0'])
    const down = { ...surveyed, target: { ...surveyed.target, interfaces: [{ name: 'eth0', mac: '', up: false }] } }
    expect(await found('address/held', down)).toEqual(['block: eth0 of the target is down'])
  })
})

describe('releases', () => {
  const [service] = surveyed.services
  const changed = (database: object, more: object = {}): Survey =>
    ({
      ...surveyed,
      services: [{ ...service, ...more, databases: [{ ...service?.databases[0], ...database }] }],
    }) as Survey

  test('of package and schema that agree give no finding', async () => {
    expect(await found('source/revision')).toEqual([])
    expect(await found('source/release')).toEqual([])
  })

  test('of package and schema that contradict each other', async () => {
    const [said] = await found('source/revision', changed({ releases: ['ussuri'], revision: ['407'] }))
    expect(said).toBe("block: nova's packages are of victoria, but the schema of nova is that of ussuri (407)")
  })

  test('of an unknown version', async () => {
    const [said] = await found('source/release', changed({}, { release: 'unknown', version: '99.0.0' }))
    expect(said).toContain("nova's package version 99.0.0 belongs to no release")
  })

  test('that need an environment missing from the settings', async () => {
    expect(await found('source/hops')).toEqual([])
    const [said] = await found('source/hops', surveyed, { ...settings, hops: [] })
    expect(said).toContain('the environment of 2023.1 (or one of xena, yoga, zed) is missing')
    expect(said).toMatch(/^block: /)
  })
})

test('a service without its database, databases of no service, a source without services', async () => {
  expect(await found('source/databases')).toEqual([
    "block: nova is installed, but the source's MariaDB has no database nova_api",
    "block: nova is installed, but the source's MariaDB has no database nova_cell0",
  ])
  const extra = {
    ...surveyed,
    source: {
      ...surveyed.source,
      schemas: [
        { name: 'octavia', tables: 40 },
        { name: 'old', tables: 0 },
      ],
    },
  }
  expect(await found('source/other-databases', extra)).toEqual([
    "warn: the source's MariaDB also holds octavia, which swapctl does not copy",
  ])
  expect(await found('source/services', { ...surveyed, services: [] })).toEqual([
    'block: no service that swapctl knows is installed on src',
  ])
})

test('clocks and memory: a small difference warns, a large clock difference blocks', async () => {
  const clock = (seconds: number): Survey => ({ ...surveyed, target: { ...surveyed.target, clock: seconds } })
  expect(await found('both/clock', clock(1.5))).toEqual([])
  expect((await found('both/clock', clock(-7)))[0]).toMatch(/^warn: .* 7\.0 s apart/)
  expect((await found('both/clock', clock(90)))[0]).toMatch(/^block: /)
  const unsure = { ...clock(-7), source: { ...surveyed.source, clockWithin: 4 } }
  expect((await found('both/clock', unsure))[0]).toMatch(/^warn: .* at least 3\.0 s apart/)
  expect(await found('both/clock', { ...unsure, target: { ...unsure.target, clockWithin: 2 } })).toEqual([])
  const small = { ...surveyed, target: { ...surveyed.target, memory: 4e9 } }
  expect(await found('target/memory', small)).toEqual(['warn: the target has 4000 MB of memory, the source 16000 MB'])
})

test('space is summed per file system, and named with what needs it', () => {
  const needs = [
    { path: '/var/lib/mysql', bytes: 30e9, what: 'databases', mount: '/var', free: 40e9 },
    { path: '/var/lib/swapctl', bytes: 20e9, what: 'environment', mount: '/var', free: 40e9 },
    { path: '/usr', bytes: 2e9, what: 'packages', mount: '/', free: 10e9 },
  ]
  expect(shortages(needs)).toEqual([
    'the target has 40.0 GB free on /var but needs 50.0 GB: databases 30.0 GB, environment 20.0 GB',
  ])
  expect(shortages(needs.slice(1))).toEqual([])
})

describe('packages', () => {
  test('that apt offers, and that it does not', () => {
    const text = `${recorded('apt-policy.txt')}mariadb-server:\n  Installed: (none)\n  Candidate: (none)\n`
    expect(parsePolicy(text)).toEqual([
      { name: 'nova-api', source: '', version: '2:31.0.0-6+deb13u2' },
      { name: 'nova-common', source: '', version: '2:31.0.0-6+deb13u2' },
    ])
  })

  test('of another release or absent ones are named', () => {
    const offer = [
      { name: 'nova-api', source: '', version: '2:26.2.1-1' },
      { name: 'nova-common', source: '', version: '2:26.2.1-1' },
    ]
    expect(shortcomings({ config: settings, recipes: [nova] }, offer, ['nova-api', 'memcached'])).toEqual([
      'memcached is missing',
      'nova-common 2:26.2.1-1 is of zed, not 2025.1',
    ])
  })

  test('bring units and start scripts, and a role without a unit is named', () => {
    const files = [
      '/.',
      '/etc/init.d',
      '/etc/init.d/nova-api',
      '/usr/lib/systemd/system/nova-api.service',
      '/lib/systemd/system/nova-conductor.service',
      '/usr/lib/systemd/system/nova-cells@.service',
      '/etc/init.d/nova-scheduler',
      '/usr/bin/nova-api-metadata',
    ]
    const units = unitsIn(['nova-api']).parse(files.join('\n'))
    expect(units).toEqual(['nova-api', 'nova-api', 'nova-conductor', 'nova-scheduler'])
    expect(idleRoles([nova], units)).toEqual([
      'no package of nova installed a unit for its metadata: nova-api-metadata',
    ])
  })

  test("operators' tools are installed when the source has them", () => {
    const client = { name: 'python3-openstackclient', source: '', version: '5.4.0' }
    expect(wantedPackages([nova], [client])).toContain('python3-openstackclient')
    expect(wantedPackages([nova], [])).not.toContain('python3-openstackclient')
  })
})

test('the archive of a hop environment must exist and be packed by zstd', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swapctl-hop-'))
  const kept = (name: string, bytes: readonly number[]): string => {
    const path = join(folder, name)
    writeFileSync(path, Buffer.from(bytes))
    return path
  }
  const say = (archive: string): Promise<readonly string[]> =>
    found('target/hops', surveyed, { ...settings, hops: [{ release: 'zed', archive }] })
  expect(await say(kept('good.tar.zst', [0x28, 0xb5, 0x2f, 0xfd, 0]))).toEqual([])
  const gzip = kept('zed.tar.gz', [0x1f, 0x8b, 8, 0])
  expect(await say(gzip)).toEqual([`block: ${gzip} is not a zstd-compressed tar archive`])
  expect(await say(kept('empty.tar.zst', []))).toHaveLength(1)
  expect(await say(join(folder, 'absent'))).toEqual([
    expect.stringMatching(/^block: the hop environment of zed is missing: ENOENT.*absent/),
  ])
})
