import { releases } from '../../src/releases/release.ts'

/** [the migration that refuses, the first release that has it, columns that it needs, what it counts, what it says] */
type Refusal = readonly [number, string, readonly string[], string, string]

const live = (table: string): string => `(SELECT COUNT(*) FROM ${table} WHERE deleted = 0)`

const refusals: Readonly<Record<string, readonly Refusal[]>> = {
  nova: [
    [
      291,
      'liberty',
      ['instance_system_metadata.key'],
      "SELECT COUNT(*) FROM instance_system_metadata m JOIN instances i ON i.uuid = m.instance_uuid WHERE m.`key` = 'instance_type_id' AND m.deleted = 0 AND i.deleted = 0",
      'There are still 1 unmigrated flavor records.',
    ],
    [
      330,
      'newton',
      ['compute_nodes.uuid', 'aggregates.uuid'],
      'SELECT (SELECT COUNT(*) FROM compute_nodes WHERE deleted = 0 AND uuid IS NULL) + (SELECT COUNT(*) FROM aggregates WHERE deleted = 0 AND uuid IS NULL)',
      'There are still 2 unmigrated records in the compute_nodes table.',
    ],
    [
      345,
      'ocata',
      [],
      `SELECT ${['instance_types', 'key_pairs', 'aggregates', 'instance_groups'].map(live).join(' + ')}`,
      'There are still 5 unmigrated flavors.',
    ],
    [
      400,
      'train',
      ['services.uuid'],
      'SELECT COUNT(*) FROM services WHERE uuid IS NULL AND deleted = 0',
      'There are still 1 unmigrated records in the services table.',
    ],
  ],
  nova_api: [
    [
      30,
      'ocata',
      ['flavors.id', 'cell_mappings.uuid'],
      'SELECT (SELECT COUNT(*) FROM flavors) > 0 AND (SELECT COUNT(*) FROM cell_mappings) < 2',
      'Cell mappings are not created, but required for Ocata.',
    ],
  ],
  cinder: [
    [
      97,
      'pike',
      ['consistencygroups.deleted'],
      `SELECT ${live('consistencygroups')}`,
      'There are still 1 unmigrated records in the consistencygroups table.',
    ],
    [
      136,
      'ussuri',
      ['volumes.volume_type_id'],
      'SELECT COUNT(*) FROM volumes WHERE volume_type_id IS NULL',
      "Data truncated for column 'volume_type_id'",
    ],
  ],
  placement: [
    [
      1,
      'train',
      ['resource_providers.root_provider_id'],
      'SELECT COUNT(*) FROM resource_providers WHERE root_provider_id IS NULL',
      'There is at least one resource provider table record which is missing its root provider id.',
    ],
  ],
}

/**
 * The first migration script in each release's tree, or the first that works on the previous release: release by
 * release.
 */
const lowest: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  nova: Object.fromEntries(
    ['icehouse', 'kilo', 'liberty', 'mitaka', 'newton', 'ocata', 'pike', 'train'].map((one) => [one, 216]),
  ),
  cinder: { newton: 47, ocata: 62, pike: 74, queens: 86, rocky: 86, stein: 98, train: 124, victoria: 124 },
  keystone: { kilo: 44, mitaka: 67, newton: 67, ocata: 67, pike: 67, train: 67 },
  heat: { liberty: 28, mitaka: 28, newton: 62, ocata: 65, pike: 71, train: 71 },
  glance: { ocata: 43, pike: 43, queens: 43, rocky: 43, stein: 43, train: 43 },
}

const uuids = (...tables: readonly string[]): string =>
  tables.map((table) => `UPDATE ${table} SET uuid = UUID() WHERE uuid IS NULL;`).join('')

const gone = (...tables: readonly string[]): string =>
  tables.map((table) => `UPDATE ${table} SET deleted = id WHERE deleted = 0;`).join('')

const serviceUuids = Object.fromEntries(['pike', 'queens', 'rocky', 'stein'].map((one) => [one, uuids('services')]))

/** What the data migrations of a release do. */
const online: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nova: {
    mitaka: uuids('compute_nodes', 'aggregates'),
    newton:
      'INSERT IGNORE INTO nova_api.flavors (id, name, memory_mb, vcpus, flavorid, swap)' +
      ' SELECT id, name, memory_mb, vcpus, flavorid, COALESCE(swap, 0) FROM instance_types WHERE deleted = 0;' +
      gone('instance_types', 'key_pairs', 'aggregates', 'instance_groups'),
    ...serviceUuids,
  },
  cinder: {
    ocata: 'UPDATE consistencygroups SET deleted = 1;',
    train:
      "INSERT IGNORE INTO volume_types (id, name, deleted) VALUES ('d', '__DEFAULT__', 0);" +
      "UPDATE volumes SET volume_type_id = 'd' WHERE volume_type_id IS NULL;" +
      "UPDATE snapshots SET volume_type_id = 'd' WHERE volume_type_id IS NULL;",
  },
  placement: {
    stein: 'UPDATE resource_providers SET root_provider_id = id WHERE root_provider_id IS NULL;',
    train: 'UPDATE resource_providers SET root_provider_id = id WHERE root_provider_id IS NULL;',
  },
}

/** Everything that the stand-in of a target of this release knows (schema-tool.py). */
export const factsOf = (own: string): string =>
  JSON.stringify({
    own,
    releases: releases.map(({ name }) => name),
    facts: new URL('../fixtures/tool-facts.tsv', import.meta.url).pathname,
    schemas: new URL('../fixtures/historic-schemas', import.meta.url).pathname,
    refusals,
    lowest,
    online,
  })
