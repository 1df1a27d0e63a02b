import { expect, test } from 'vitest'
import { hopEndsOf, repairsFor } from '../../src/hops/blockers.ts'
import { findRelease } from '../../src/releases/release.ts'
import { at, list } from './chains.ts'

const repairs = (repo: string, from: string, hop: string) =>
  repairsFor({ ...at(repo, from), database: 'copy' }, findRelease(hop))

test('SQL fixes the copy right before the hop whose migrations refuse it, and only then', () => {
  const [volumes, snapshots, ...more] = repairs('cinder', 'train', 'victoria')
  expect(volumes).toMatch(/^UPDATE `copy`\.`volumes` SET `volume_type_id` = .* FROM `copy`\.`volume_types` /)
  expect(snapshots).toMatch(/^UPDATE `copy`\.`snapshots` SET `volume_type_id` = /)
  expect(more).toEqual([])
  expect(repairs('cinder', 'ussuri', 'victoria')).toEqual([])
  expect(repairs('cinder', 'rocky', 'stein')).toEqual([])
  expect(repairs('glance', 'train', 'victoria')).toEqual([])
})

test('an empty database needs no repair', () => {
  expect(repairsFor({ repo: 'placement', revision: [], database: 'copy' }, findRelease('2025.1'))).toEqual([])
})

test('a hop ends with the calls that later hops need, for the existing databases', () => {
  const ends = (repos: readonly string[], hop: string, later: string) =>
    hopEndsOf(repos, findRelease(hop), list(later)).map(({ blocker, mend }) => `${blocker.id}: ${mend.argv.join(' ')}`)
  const cells = ['nova-api-cells: nova-manage cell_v2 simple_cell_setup']
  expect(ends(['nova', 'nova_api'], 'newton', 'ocata pike')).toEqual(cells)
  expect(ends(['nova', 'nova_api'], 'newton', 'pike')).toEqual(cells)
  expect(ends(['nova'], 'newton', 'pike')).toEqual([])
  expect(ends(['nova', 'nova_api'], 'newton', '')).toEqual([])
  expect(ends(['nova', 'nova_api'], 'ocata', 'pike')).toEqual([])
  expect(ends(['nova', 'nova_api'], 'kilo', 'mitaka')).toEqual([
    'nova-unmigrated-flavors: nova-manage db migrate_flavor_data --max-number 1000000',
  ])
})
