import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countBlockers } from '../../src/hops/blockers.ts'
import { planServiceHops } from '../../src/hops/hops.ts'
import { releasesOf } from '../../src/hops/position.ts'
import { askRevision } from '../../src/hops/revision.ts'
import type { Db } from '../../src/hosts/db.ts'
import { findRelease } from '../../src/releases/release.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { load, repoOf, startFast } from './historic.ts'
import type { Server } from './mariadb.ts'

let server: Server
let db: Db
beforeAll(async () => {
  server = await startFast()
  db = await server.db()
})
afterAll(() => server?.stop())

const steps = (n: number) => `109 contract\u00a0${n} data_migrate\u00a0${n} expand\u00a0${n}`
const kilo = (n: number) =>
  `${n} endpoint_filter\u00a02 endpoint_policy\u00a01 federation\u00a08 oauth1\u00a05 revoke\u00a02`
const contract = '5c85685d616d'

/**
 * Version tables after each release's own migrations: keystone, glance, nova, nova_api, placement, neutron, cinder,
 * heat, barbican.
 */
const revisions: Readonly<Record<string, readonly string[]>> = {
  grizzly: ['22', '22', '161', '', '', 'grizzly', '9', '15'],
  havana: ['34', '29', '216', '', '', 'havana', '20', '28'],
  icehouse: ['44', '34', '233', '', '', 'icehouse', '22', '43'],
  juno: ['55', '36', '254', '', '', 'juno', '26', '46'],
  kilo: [kilo(67), '41', '280', '2', '', 'kilo', '41', '62'],
  liberty: [kilo(75), '42', '302', '3', '', '34af2b5c5a59 4af11ca47297', '60', '65'],
  mitaka: ['96', '44', '319', '7', '', '4ffceebfcdc', '72', '71'],
  newton: [steps(4), '44', '334', '20', '', `${contract} 5cd92597d11d`, '79', '73'],
  ocata: [steps(16), 'ocata01', '347', '30', '', `${contract} a9c43481023c`, '96', '79'],
  pike: [steps(24), 'pike01', '362', '44', '', `${contract} 7d32f979895f`, '105', '80'],
  queens: [steps(44), 'queens_contract01', '378', '52', '', `594422d373ee ${contract}`, '117', '85'],
  rocky: [steps(52), 'rocky_contract02', '390', '61', '', `${contract} 867d39095bf4`, '123', '86'],
  stein: [steps(61), 'rocky_contract02', '391', '62', 'b4ed3a175331', `${contract} 9bfad3f1e780`, '128', '86'],
  train: [steps(71), 'train_contract01', '402', '67', 'b5c396305c25', `${contract} c613d0b82681`, '132', '86'],
  victoria: [
    steps(78),
    'ussuri_contract01',
    '412',
    '77',
    'b5c396305c25',
    `${contract} I38991de2b4`,
    '140',
    '86',
    '0f8c192a061f',
  ],
  zed: [
    '29e87d24a316 e25ffa003242',
    'wallaby_contract01',
    'ccb0fa1a2252',
    'b30f573d3377',
    '422ece571366',
    `5881373af7f5 ${contract}`,
    'c92a3e68beed',
    '86',
  ],
  epoxy: [
    '47147121 c88cdce8f248',
    '2024_1_contract01',
    '2903cd72dc14',
    'cdeec0c85668',
    'a082b8bb98d0',
    `${contract} ad80a9f07c5c`,
    '9c74c1c6971f',
    'c6214ca60943',
    '8c74e2d7f1ff',
  ],
}

const order: readonly RepoName[] = [
  'keystone',
  'glance',
  'nova',
  'nova_api',
  'placement',
  'neutron',
  'cinder',
  'heat',
  'barbican',
]

const filesOf = (release: string): readonly string[] =>
  readdirSync(new URL(`../fixtures/historic-schemas/${release}`, import.meta.url)).map(
    (file) => `${release}/${file.replace('.sql.gz', '')}`,
  )

const wanted = (release: string, file: string): readonly string[] => {
  if (file.endsWith('neutron-unversioned')) return ['unversioned havana']
  const words = revisions[release]?.[order.indexOf(repoOf(file))] ?? ''
  return words.split(' ').map((word) => word.replace('\u00a0', ' '))
}

describe('every database of a release shows its revision and release', () => {
  test.each(Object.keys(revisions))('%s', async (release) => {
    const files = filesOf(release)
    expect(files.length).toBeGreaterThanOrEqual(6)
    for (const file of files) {
      const database = await load(server, db, file)
      const revision = await askRevision(db, repoOf(file), database)
      expect([file, ...revision]).toEqual([file, ...wanted(release, file)])
      expect(releasesOf(repoOf(file), revision), file).toContainEqual(findRelease(release))
      await db.run(`DROP DATABASE ${database}`)
    }
  })

  test('a database that does not exist or has no tables has no revision', async () => {
    await db.run('CREATE DATABASE empty_one')
    expect(await askRevision(db, 'keystone', 'empty_one')).toEqual([])
    expect(await askRevision(db, 'neutron', 'there_is_none')).toEqual([])
  })

  test('a name that would escape its quotes is refused', async () => {
    await expect(askRevision(db, 'nova', "x' OR '1'='1")).resolves.toEqual([])
    await expect(askRevision(db, 'nova', "x\\' OR 1=1 -- ")).resolves.toEqual([])
  })
})

/** The hops of a service, planned from real databases: their revisions and the rows counted in them. */
const hops = async (files: readonly string[], to: string, available?: string): Promise<string> => {
  const target = findRelease(to)
  const databases = []
  let blockers: Readonly<Record<string, number>> = {}
  for (const file of files) {
    const [repo, database] = [repoOf(file), await load(server, db, file)]
    const revision = await askRevision(db, repo, database)
    blockers = { ...blockers, ...(await countBlockers(db, { repo, revision, database }, target)) }
    databases.push({ repo, revision })
    await db.run(`DROP DATABASE ${database}`)
  }
  const at = available
    ?.split(' ')
    .filter(Boolean)
    .map((word) => findRelease(word))
  const plan = planServiceHops(databases, { target, blockers, available: at })
  return plan.hops
    .slice(0, -1)
    .map((hop) => hop.name)
    .join(' ')
}

describe('the jumps of the published procedures, planned from real databases', () => {
  test.each([
    [
      'rows/havana',
      'icehouse',
      undefined,
      { keystone: '', glance: '', nova: '', neutron: '', 'neutron-ovs': '', cinder: '', heat: '' },
    ],
    ['havana', 'icehouse', undefined, { 'neutron-unversioned': '', 'neutron-migrations-only': '' }],
    [
      'grizzly',
      'icehouse',
      undefined,
      { keystone: '', glance: '', nova: 'havana', 'neutron-ovs': '', cinder: '', heat: '' },
    ],
    [
      'rows/kilo',
      'pike',
      'mitaka newton',
      {
        keystone: '',
        glance: 'newton',
        'nova nova_api': 'mitaka newton',
        neutron: '',
        cinder: 'mitaka newton',
        heat: 'newton',
      },
    ],
    [
      'kilo',
      'pike',
      'liberty mitaka newton',
      { glance: 'newton', 'nova nova_api': 'mitaka newton', cinder: 'mitaka newton', heat: 'newton' },
    ],
    [
      'liberty',
      'ocata',
      undefined,
      { keystone: '', glance: '', 'nova nova_api': 'mitaka newton', neutron: '', cinder: 'newton', heat: '' },
    ],
    [
      'stein',
      'train',
      undefined,
      { keystone: '', glance: '', 'nova nova_api': '', placement: '', neutron: '', cinder: '', heat: '' },
    ],
    [
      'queens',
      'train',
      undefined,
      { keystone: '', glance: '', 'nova nova_api': '', neutron: '', cinder: 'stein', heat: '' },
    ],
    // flavors that mitaka's migrations insert need newton's code
    ['mitaka', 'queens', undefined, { keystone: '', 'nova nova_api': 'newton', neutron: '', cinder: 'ocata' }],
    ['newton', 'train', undefined, { 'nova nova_api': 'stein', cinder: 'pike stein' }],
    [
      'train',
      '2025.1',
      undefined,
      {
        keystone: 'xena antelope',
        glance: '',
        'nova nova_api': 'antelope',
        neutron: '',
        cinder: 'wallaby antelope',
        heat: '',
      },
    ],
    [
      'victoria',
      '2025.1',
      'zed',
      { keystone: 'zed', glance: '', 'nova nova_api': 'zed', placement: '', neutron: '', cinder: 'zed', heat: '' },
    ],
    [
      'zed',
      '2025.1',
      '',
      { keystone: '', glance: '', 'nova nova_api': '', placement: '', neutron: '', cinder: '', heat: '' },
    ],
    [
      'epoxy',
      '2026.1',
      '',
      { keystone: '', glance: '', 'nova nova_api': '', placement: '', neutron: '', cinder: '', heat: '' },
    ],
  ] as const)('%s -> %s', async (from, to, available, expected) => {
    const found: Record<string, string> = {}
    for (const service of Object.keys(expected))
      found[service] = await hops(
        service.split(' ').map((file) => `${from}/${file}`),
        to,
        available,
      )
    expect(found).toEqual(expected)
  })

  test('databases left half-way by a refused sync continue from there', async () => {
    const stage = (name: string) => `rows/kilo-to-pike-nova/${name}`
    expect(await hops([stage('2-mitaka-synced-no-online-newton-blocked-at-330/nova')], 'pike')).toBe('newton')
    expect(await hops([stage('4-newton-synced-no-online-pike-blocked-at-345/nova')], 'pike')).toBe('')
    expect(await hops([stage('5b-api-blocked-at-030/nova_api')], 'pike')).toBe('')
    expect(await hops([stage('7-pike/nova'), stage('7-pike/nova_api'), stage('7-pike/nova_api_cell0')], 'train')).toBe(
      '',
    )
  })
})
