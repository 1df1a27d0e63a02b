import { describe, expect, test } from 'vitest'
import { positionOf, releasesOf } from '../../src/hops/position.ts'
import { revisionOf, type VersionRows } from '../../src/hops/revision.ts'
import type { RepoName } from '../../src/releases/repo.ts'

const rows = (
  migrate: Readonly<Record<string, number>>,
  alembic: readonly string[] = [],
  things: readonly string[] = [],
) =>
  ({
    migrate: Object.entries(migrate).map(([repository, version]) => ({ repository, version })),
    alembic,
    things: new Set(things),
  }) satisfies VersionRows

const ids = (repo: RepoName, ...revision: string[]) => releasesOf(repo, revision).map((release) => release.id)

describe('the notation of a revision', () => {
  test.each([
    ['nova', rows({ nova: 412 }), ['412']],
    [
      'keystone',
      rows({ keystone_expand: 79, keystone_contract: 79, keystone: 109, keystone_data_migrate: 79 }),
      ['109', 'contract 79', 'data_migrate 79', 'expand 79'],
    ],
    ['keystone', rows({ keystone: 67, federation: 8 }), ['67', 'federation 8']],
    ['neutron', rows({}, ['I38991de2b4', '5c85685d616d']), ['5c85685d616d', 'I38991de2b4']],
    // nova, cinder, glance and heat keep their legacy row beside alembic's
    ['nova', rows({ nova: 422 }, ['ccb0fa1a2252']), ['ccb0fa1a2252']],
    ['glance', rows({ 'Glance Migrations': 44 }), ['44']],
    // a wrong jump of keystone leaves an empty alembic_version: the legacy rows still count
    ['keystone', rows({ keystone: 109 }, [], ['alembic_version']), ['109']],
    ['neutron', rows({}, [], ['networks', 'extradhcpopts']), ['unversioned havana']],
    ['neutron', rows({}, [], ['networks', 'extradhcpopts', 'floatingips.status']), ['unversioned']],
    ['neutron', rows({}, [], ['networks']), ['unversioned']],
    ['nova', rows({}, [], ['instances']), ['unversioned']],
    ['nova_api', rows({}), []],
  ] as const)('%s %j', (repo, given, revision) => {
    expect(revisionOf(repo, given)).toEqual(revision)
  })
})

describe('the releases that end at a revision', () => {
  test.each([
    ['keystone', ['109', 'contract 79', 'data_migrate 79', 'expand 79'], 'ussuri victoria wallaby xena yoga'],
    ['keystone', ['109', 'contract 78', 'data_migrate 78', 'expand 78'], 'ussuri victoria wallaby'],
    ['keystone', ['contract 79', 'data_migrate 79', 'expand 79'], 'yoga'],
    ['keystone', ['109', 'contract 78', 'data_migrate 79', 'expand 79'], ''],
    ['keystone', ['109'], ''],
    ['keystone', ['109', 'contract 4', 'data_migrate 4', 'expand 4'], 'newton'],
    ['keystone', ['67', 'federation 8'], 'kilo'],
    ['keystone', ['36'], 'havana'],
    ['keystone', ['97'], 'mitaka'],
    ['keystone', ['29e87d24a316', 'e25ffa003242'], 'zed 2023.1'],
    ['keystone', ['47147121', 'c88cdce8f248'], '2024.1 2024.2 2025.1'],
    ['keystone', ['29e87d24a316'], ''],
    ['glance', ['44'], 'mitaka newton'],
    ['glance', ['ocata01'], 'ocata'],
    ['glance', ['ussuri_contract01'], 'ussuri victoria'],
    ['glance', ['ussuri_contract01', 'ussuri_expand01'], 'ussuri victoria'],
    ['glance', ['ussuri_expand01'], ''],
    ['glance', ['2024_1_contract01'], '2024.1 2024.2 2025.1 2025.2 2026.1'],
    ['nova', ['412'], 'victoria'],
    ['nova', ['234'], 'icehouse'],
    ['nova', ['344'], ''],
    ['nova', ['2903cd72dc14'], '2025.1 2025.2 2026.1'],
    ['nova_api', ['77'], 'victoria'],
    ['nova_api', ['22'], 'newton'],
    ['nova_api', ['45'], 'pike'],
    ['placement', ['b5c396305c25'], 'train ussuri victoria wallaby'],
    ['neutron', ['5c85685d616d', 'I38991de2b4'], 'victoria'],
    ['neutron', ['4ffceebfcdc'], 'mitaka'],
    ['neutron', ['0e66c5227a8a', '4ffceebfcdc'], 'mitaka'],
    ['neutron', ['5c85685d616d'], ''],
    ['neutron', ['5c85685d616d', 'I38991de2b4', 'ffffffffffff'], ''],
    ['neutron', ['unversioned havana'], 'havana'],
    ['neutron', ['unversioned'], ''],
    ['cinder', ['140'], 'victoria'],
    ['cinder', ['21'], 'havana'],
    ['heat', ['86'], 'rocky stein train ussuri victoria wallaby xena yoga zed 2023.1'],
    ['heat', [], ''],
  ] as const)('%s %j: %s', (repo, revision, expected) => {
    expect(ids(repo, ...revision).join(' ')).toBe(expected)
  })
})

describe('the position of a database', () => {
  test.each([
    ['nova', ['344'], 'newton'],
    ['nova', ['329'], 'mitaka'],
    ['nova', ['290'], 'kilo'],
    ['nova_api', ['29'], 'newton'],
    ['keystone', ['109', 'contract 71', 'data_migrate 79', 'expand 79'], 'train'],
    ['cinder', ['135'], 'train'],
  ] as const)('%s %j, left behind by a sync that stopped, has passed %s', (repo, revision, past) => {
    expect(positionOf(repo, revision)).toMatchObject({ exact: [], past: { id: past } })
  })

  test('an empty nova_api comes before every release', () => {
    expect(positionOf('nova_api', [])).toEqual({ exact: [], past: undefined })
  })

  test.each([
    ['cinder', []],
    ['cinder', ['9ab1b092a404']],
    ['neutron', ['5c85685d616d', 'ffffffffffff']],
    ['keystone', []],
    ['nova', ['unversioned']],
    ['nova', ['12']],
    // databases that older releases do not have
    ['nova_api', ['1']],
    ['placement', ['ffffffffffff']],
  ] as const)('%s %j is refused', (repo, revision) => {
    expect(() => positionOf(repo, revision)).toThrow(expect.objectContaining({ exitCode: 2 }))
  })

  test('the refusal says what was found', () => {
    expect(() => positionOf('cinder', [])).toThrow(
      'the cinder database has no tables, the final revision of no release',
    )
    expect(() => positionOf('neutron', ['5c85685d616d', 'ffffffffffff'])).toThrow(
      'the neutron database is at revision 5c85685d616d, ffffffffffff, the final revision of no release that swapctl knows',
    )
  })
})
