import { expect, test } from 'vitest'
import type { Allowed } from '../../src/services/allowed.ts'
import { allowedDifferences } from '../../src/services/index.ts'
import { allows, compareSchemas } from '../../src/verify/schema-compare.ts'
import { schemaFindings } from '../../src/verify/schema-findings.ts'
import type { ForeignKeyPicture, Picture, TablePicture } from '../../src/verify/schema-picture.ts'
import { schemaText } from '../../src/verify/schema-text.ts'
import { newArgv } from '../../src/verify/schema-tool.ts'

const key: ForeignKeyPicture = {
  columns: ['host_id'],
  table: 'hosts',
  references: ['id'],
  onDelete: 'RESTRICT',
  onUpdate: 'RESTRICT',
}

const volumes: TablePicture = {
  kind: 'BASE TABLE',
  engine: 'InnoDB',
  collation: 'utf8mb3_general_ci',
  columns: {
    id: { type: 'int(11)', nullable: false, extra: 'auto_increment' },
    host: {
      type: 'varchar(255)',
      nullable: true,
      default: 'NULL',
      extra: '',
      charset: 'utf8mb3',
      collation: 'utf8mb3_general_ci',
    },
  },
  indexes: {
    PRIMARY: { unique: true, kind: 'BTREE', columns: ['id'] },
    host_idx: { unique: false, kind: 'BTREE', columns: ['host', 'id'] },
  },
  foreignKeys: { volumes_ibfk_1: key },
  checks: ['`id` > 0'],
  triggers: {},
}

const picture = (table: Partial<TablePicture> = {}, others: Picture['tables'] = {}): Picture => ({
  database: 'cinder',
  repo: 'cinder',
  tables: { volumes: { ...volumes, ...table }, ...others },
})

const host = (change: Partial<TablePicture['columns'][string]>): Partial<TablePicture> => ({
  columns: { ...volumes.columns, host: { ...(volumes.columns['host'] as TablePicture['columns'][string]), ...change } },
})

const says = (have: Picture, should: Picture = picture()): readonly string[] =>
  compareSchemas(have, should, []).map((one) => one.says)

test('a schema equals itself, whatever its column order and generated key names', () => {
  expect(says(picture())).toEqual([])
  const { id, host: other } = volumes.columns as Required<TablePicture['columns']>
  expect(says(picture({ columns: { host: other, id } as TablePicture['columns'] }))).toEqual([])
  expect(says(picture({ foreignKeys: { volumes_ibfk_7: key } }))).toEqual([])
  expect(says(picture({ foreignKeys: { '1': key } }))).toEqual([])
})

test('NULL as the default of a nullable column counts as no default', () => {
  const { default: _, ...bare } = volumes.columns['host'] as Required<TablePicture['columns'][string]>
  expect(says(picture({ columns: { ...volumes.columns, host: bare } }))).toEqual([])
})

test.each<[string, Partial<TablePicture>, readonly string[]]>([
  ['type', host({ type: 'varchar(64)' }), ['type of host: have varchar(64), should have varchar(255)']],
  [
    'nullability',
    host({ nullable: false }),
    ['nullability of host: have NOT NULL, should have NULL', 'default of host: have NULL, should have none'],
  ],
  ['default', host({ default: "'x'" }), ["default of host: have 'x', should have none"]],
  ['extra', host({ extra: 'on update' }), ['extra of host: have on update, should have none']],
  ['charset', host({ charset: 'latin1' }), ['charset of host: have latin1, should have utf8mb3']],
  [
    'collation',
    host({ collation: 'utf8mb3_bin' }),
    ['collation of host: have utf8mb3_bin, should have utf8mb3_general_ci'],
  ],
  ['engine', { engine: 'MyISAM' }, ['engine: have MyISAM, should have InnoDB']],
  [
    'table collation',
    { collation: 'latin1_swedish_ci' },
    ['table collation: have latin1_swedish_ci, should have utf8mb3_general_ci'],
  ],
  [
    'missing column',
    { columns: { id: volumes.columns['id'] as TablePicture['columns'][string] } },
    ['column host: have none, should have varchar(255) NULL utf8mb3_general_ci'],
  ],
  [
    'missing index',
    { indexes: { PRIMARY: { unique: true, kind: 'BTREE', columns: ['id'] } } },
    ['index host_idx: have none, should have (host, id)'],
  ],
  [
    'order in an index',
    { indexes: { ...volumes.indexes, host_idx: { unique: false, kind: 'BTREE', columns: ['id', 'host'] } } },
    ['index host_idx: have (id, host), should have (host, id)'],
  ],
  [
    'unique',
    { indexes: { ...volumes.indexes, host_idx: { unique: true, kind: 'BTREE', columns: ['host', 'id'] } } },
    ['index host_idx: have unique (host, id), should have (host, id)'],
  ],
  [
    'another name',
    {
      indexes: {
        PRIMARY: volumes.indexes['PRIMARY'] as TablePicture['indexes'][string],
        other: { unique: false, kind: 'BTREE', columns: ['host', 'id'] },
      },
    },
    ['index name of (host, id): have other, should have host_idx'],
  ],
  [
    'missing foreign key',
    { foreignKeys: {} },
    ['foreign key: have none, should have (host_id) to hosts (id) on delete RESTRICT on update RESTRICT'],
  ],
  [
    'on delete',
    { foreignKeys: { volumes_ibfk_1: { ...key, onDelete: 'CASCADE' } } },
    [
      'foreign key: have (host_id) to hosts (id) on delete CASCADE on update RESTRICT, should have (host_id) to hosts (id) on delete RESTRICT on update RESTRICT',
    ],
  ],
  [
    'a key to another database',
    { foreignKeys: { a: { ...key, table: 'old.hosts' } } },
    [
      'foreign key a: have (host_id) to old.hosts (id) on delete RESTRICT on update RESTRICT, should have none',
      'foreign key: have none, should have (host_id) to hosts (id) on delete RESTRICT on update RESTRICT',
    ],
  ],
  [
    'a named key',
    { foreignKeys: { fk_host: key } },
    [
      'foreign key name of (host_id) to hosts (id) on delete RESTRICT on update RESTRICT: have fk_host, should have unnamed (host_id) to hosts (id)',
    ],
  ],
  ['missing check', { checks: [] }, ['check: have none, should have `id` > 0']],
  ['another check', { checks: ['`id` > 0', '`id` in (0,1)'] }, ['check: have `id` in (0,1), should have none']],
  [
    'trigger',
    { triggers: { t: 'BEFORE INSERT: SET @a = 1' } },
    ['trigger t: have BEFORE INSERT: SET @a = 1, should have none'],
  ],
])('%s is named', (_, table, found) => {
  expect(says(picture(table))).toEqual(found)
})

test('missing and extra tables, or a view instead', () => {
  const differences = compareSchemas(
    { ...picture(), tables: { more: volumes, view: { ...volumes, kind: 'VIEW' } } },
    picture({}, { view: volumes }),
    [],
  )
  expect(differences.map(({ where, says }) => `${where} ${says}`)).toEqual([
    'cinder.more table: have base table, should have none',
    'cinder.view table: have view, should have base table',
    'cinder.volumes table: have none, should have base table',
  ])
  expect(differences[0]).toMatchObject({ part: 'schema', look: 'SHOW CREATE TABLE `cinder`.`more`; on the target' })
})

const entry: Allowed = {
  repo: 'cinder',
  kind: 'check',
  table: 'vol*',
  name: '',
  have: '`*` in (0,1)',
  should: '',
  reason: '',
  source: '',
}

test('an allowed difference is allowed only there and only in that form', () => {
  const more = picture({ checks: ['`id` > 0', '`up` in (0,1)'] })
  expect(compareSchemas(more, picture(), [entry])).toEqual([])
  for (const other of [
    { repo: 'nova' as const },
    { kind: 'index' as const },
    { table: 'hosts' },
    { name: 'up' },
    { have: '`down` in (0,1)' },
    { should: '`up`' },
  ])
    expect(compareSchemas(more, picture(), [{ ...entry, ...other }])).toHaveLength(1)
  // The reverse: missing here, and created there.
  expect(compareSchemas(picture(), more, [entry])).toHaveLength(1)
  // A pattern matches one name, and its other characters are literal.
  for (const clause of ['`a` = 1 or `up` in (0,1)', '`up` in (0,1) ', '`up` in 0,1'])
    expect(compareSchemas(picture({ checks: ['`id` > 0', clause] }), picture(), [entry])).toHaveLength(1)
})

test('no allowed difference lets a table, column, index, key or other check be missing that has to be there, but for Boolean checks and one empty shadow', () => {
  const missing = allowedDifferences.filter((one) => one.have === '' && one.should !== '')
  expect(missing.map(({ repo, table }) => `${repo}.${table}`)).toEqual(['*.*', 'nova.shadow_alembic_version'])
  for (const one of allowedDifferences) expect(one.reason.length * one.source.length).toBeGreaterThan(100)
  const said = allowedDifferences.map(({ reason: _, source: __, ...rest }) => JSON.stringify(rest))
  expect(new Set(said).size).toBe(said.length)
})

test("an index created under another name is a matter of definition: cinder's race_preventer", () => {
  const unique = { unique: true, kind: 'BTREE', columns: ['project_id', 'resource', 'race_preventer'] }
  const usages = (indexes: TablePicture['indexes']): Picture => ({
    ...picture(),
    tables: { quota_usages: { ...volumes, indexes } },
  })
  const should = usages({ project_id: unique })
  expect(compareSchemas(usages({ quota_usages_project_id_key: unique }), should, allowedDifferences)).toEqual([])
  expect(compareSchemas(usages({}), should, allowedDifferences)).toHaveLength(1)
  const [finding] = schemaFindings(usages({ quota_usages_project_id_key: unique }), should)
  expect(allowedDifferences.filter((one) => finding !== undefined && allows(one, 'cinder', finding))).toHaveLength(1)
})

test('an untouched schema differs, by table', () => {
  const differences = compareSchemas(
    picture({ ...host({ type: 'varchar(64)' }), checks: [] }),
    picture({}, { backups: volumes }),
    [],
  )
  expect(schemaText(differences)).toBe(
    [
      '  cinder.backups',
      '    table: have none, should have base table',
      '  cinder.volumes',
      '    type of host: have varchar(64), should have varchar(255)',
      '    check: have none, should have `id` > 0',
    ].join('\n'),
  )
  const many = Array.from({ length: 64 }, () => differences[0]).filter((one) => one !== undefined)
  expect(schemaText(many).split('\n').at(-1)).toBe('  and 4 more: swapctl verify shows them')
})

test('names are not interpreted', () => {
  const strange = {
    ...picture(),
    tables: Object.fromEntries([
      ['__proto__', volumes],
      ['a`b', volumes],
    ]),
  }
  expect(compareSchemas(strange, { ...picture(), tables: {} }, []).map(({ look }) => look)).toEqual([
    'SHOW CREATE TABLE `cinder`.`__proto__`; on the target',
    'SHOW CREATE TABLE `cinder`.`a``b`; on the target',
  ])
  expect(says({ ...picture(), tables: {} }, { ...picture(), tables: {} })).toEqual([])
})

test('a tool that creates a schema from scratch sees one config file, and no network', () => {
  const recipe = {
    user: 'neutron',
    etc: ['/etc/neutron'],
    files: [
      { path: '/etc/neutron/neutron.conf', namespaces: [] },
      { path: '/etc/neutron/plugins/ml2/ml2_conf.ini', namespaces: [] },
    ],
  }
  const argv = newArgv(['neutron-db-manage', 'upgrade', 'heads'], recipe, '/var/lib/swapctl/x/new.conf', 60)
  expect(argv).toContain('--property=PrivateNetwork=yes')
  expect(argv).toContain('--property=TemporaryFileSystem=/etc/neutron:ro')
  for (const { path } of recipe.files)
    expect(argv).toContain(`--property=BindReadOnlyPaths=/var/lib/swapctl/x/new.conf:${path}`)
  expect(argv.slice(-3)).toEqual(['neutron-db-manage', 'upgrade', 'heads'])
})
