import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Db } from '../../src/hosts/db.ts'
import { compareSchemas } from '../../src/verify/schema-compare.ts'
import { askPicture, type Picture } from '../../src/verify/schema-picture.ts'
import { type Server, startMariadb } from './mariadb.ts'

let server: Server
let db: Db

const database = 'clo`ud_one'
const model = 'swapctl_new_nova'
const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const schema = `
CREATE TABLE hosts (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255) NOT NULL, up BOOLEAN DEFAULT 1, note TEXT,
  doc JSON, at DATETIME NULL, kind ENUM('a', 'b') NULL, twice INT AS (id * 2) VIRTUAL, UNIQUE KEY name (name)) ENGINE InnoDB;
CREATE TABLE guests (uuid VARCHAR(36) PRIMARY KEY, host_id INT NULL, slot INT NOT NULL DEFAULT 0, path VARCHAR(300) NULL,
  KEY slot_idx (slot, host_id), KEY path_idx (path(100)), CONSTRAINT fk_host FOREIGN KEY (host_id) REFERENCES hosts (id),
  CONSTRAINT positive CHECK (slot >= 0)) ENGINE InnoDB;
CREATE TABLE disks (id INT PRIMARY KEY, uuid VARCHAR(36) NOT NULL, KEY uuid (uuid), FOREIGN KEY (uuid) REFERENCES guests (uuid) ON DELETE CASCADE) ENGINE InnoDB;`

const make = async (name: string): Promise<void> => {
  // CREATE OR REPLACE stops at the first table that another one refers to (seen on 11.8).
  await db.run(`DROP DATABASE IF EXISTS ${quoted(name)}`)
  await db.run(`CREATE DATABASE ${quoted(name)} CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci`)
  await server.load(name, schema)
}
const look = (name: string): Promise<Picture> => askPicture(db, 'nova', name)
const compare = async (): Promise<readonly string[]> =>
  compareSchemas(await look(database), await look(model), []).map(({ where, says }) => `${where} ${says}`)

beforeAll(async () => {
  server = await startMariadb('--character-set-server=utf8mb4')
  db = await server.db()
  await make(model)
})
afterAll(() => server?.stop())
beforeEach(() => make(database))

test('two databases with the same schema are equal, wherever their keys lead', async () => {
  expect(await compare()).toEqual([])
  const { tables } = await look(database)
  expect(Object.keys(tables)).toEqual(['disks', 'guests', 'hosts'])
  expect(tables['disks']?.foreignKeys).toEqual({
    disks_ibfk_1: {
      columns: ['uuid'],
      table: 'guests',
      references: ['uuid'],
      onDelete: 'CASCADE',
      onUpdate: 'RESTRICT',
    },
  })
  expect(tables['hosts']?.checks).toEqual(['json_valid(`doc`)'])
  expect(tables['hosts']?.columns['doc']).toMatchObject({ type: 'longtext', collation: 'utf8mb4_bin' })
})

test.each([
  ['a table less', 'DROP TABLE disks', ['disks table: have none, should have base table']],
  ['a table more', 'CREATE TABLE extra (id INT)', ['extra table: have base table, should have none']],
  [
    'a view for a table',
    'DROP TABLE disks; CREATE VIEW disks AS SELECT 1',
    ['disks table: have view, should have base table'],
  ],
  [
    'a column less',
    'ALTER TABLE hosts DROP COLUMN note',
    ['hosts column note: have none, should have text NULL utf8mb3_general_ci'],
  ],
  [
    'a column more',
    'ALTER TABLE guests ADD old INT NOT NULL DEFAULT 3',
    ['guests column old: have int(11) NOT NULL DEFAULT 3, should have none'],
  ],
  [
    'a type',
    'ALTER TABLE guests MODIFY slot BIGINT NOT NULL DEFAULT 0',
    ['guests type of slot: have bigint(20), should have int(11)'],
  ],
  [
    'a sign',
    'ALTER TABLE guests MODIFY slot INT UNSIGNED NOT NULL DEFAULT 0',
    ['guests type of slot: have int(10) unsigned, should have int(11)'],
  ],
  [
    'a length',
    'ALTER TABLE guests MODIFY path VARCHAR(255) NULL',
    ['guests type of path: have varchar(255), should have varchar(300)'],
  ],
  [
    'a text kind',
    'ALTER TABLE hosts MODIFY note MEDIUMTEXT',
    ['hosts type of note: have mediumtext, should have text'],
  ],
  [
    'fractions of a second',
    'ALTER TABLE hosts MODIFY at DATETIME(6) NULL',
    ['hosts type of at: have datetime(6), should have datetime'],
  ],
  [
    'an enum value',
    "ALTER TABLE hosts MODIFY kind ENUM('a', 'b', 'c') NULL",
    ["hosts type of kind: have enum('a','b','c'), should have enum('a','b')"],
  ],
  [
    'nullability',
    'ALTER TABLE hosts MODIFY name VARCHAR(255) NULL',
    ['hosts nullability of name: have NULL, should have NOT NULL'],
  ],
  ['a default', 'ALTER TABLE guests ALTER slot SET DEFAULT 1', ['guests default of slot: have 1, should have 0']],
  ['no default', 'ALTER TABLE hosts ALTER up DROP DEFAULT', ['hosts default of up: have none, should have 1']],
  [
    'an empty text as default',
    "ALTER TABLE guests ALTER path SET DEFAULT ''",
    ["guests default of path: have '', should have none"],
  ],
  [
    'no auto_increment',
    'ALTER TABLE guests DROP FOREIGN KEY fk_host; ALTER TABLE hosts MODIFY id INT; ALTER TABLE guests ADD CONSTRAINT fk_host FOREIGN KEY (host_id) REFERENCES hosts (id)',
    ['hosts extra of id: have none, should have auto_increment'],
  ],
  [
    'another expression',
    'ALTER TABLE hosts MODIFY twice INT AS (id * 3) VIRTUAL',
    ['hosts extra of twice: have VIRTUAL GENERATED `id` * 3, should have VIRTUAL GENERATED `id` * 2'],
  ],
  [
    'a charset',
    'ALTER TABLE hosts MODIFY note TEXT CHARACTER SET latin1',
    [
      'hosts charset of note: have latin1, should have utf8mb3',
      'hosts collation of note: have latin1_swedish_ci, should have utf8mb3_general_ci',
    ],
  ],
  [
    'a collation',
    'ALTER TABLE guests MODIFY path VARCHAR(300) COLLATE utf8mb3_bin NULL',
    ['guests collation of path: have utf8mb3_bin, should have utf8mb3_general_ci'],
  ],
  [
    "a table's collation",
    'ALTER TABLE hosts DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_bin',
    ['hosts table collation: have utf8mb4_bin, should have utf8mb3_general_ci'],
  ],
  [
    'an engine',
    'DROP TABLE disks; CREATE TABLE disks (id INT PRIMARY KEY, uuid VARCHAR(36) NOT NULL, KEY uuid (uuid)) ENGINE Aria',
    [
      'disks engine: have Aria, should have InnoDB',
      'disks foreign key: have none, should have (uuid) to guests (uuid) on delete CASCADE on update RESTRICT',
    ],
  ],
  [
    'an index less',
    'ALTER TABLE guests DROP INDEX path_idx',
    ['guests index path_idx: have none, should have (path(100))'],
  ],
  [
    'an index more',
    'ALTER TABLE guests ADD INDEX other (path, slot)',
    ['guests index other: have (path, slot), should have none'],
  ],
  [
    'a part of a column',
    'ALTER TABLE guests DROP INDEX path_idx, ADD INDEX path_idx (path)',
    ['guests index path_idx: have (path), should have (path(100))'],
  ],
  [
    'columns of an index',
    'ALTER TABLE guests DROP INDEX path_idx, ADD INDEX path_idx (path(100), slot)',
    ['guests index path_idx: have (path(100), slot), should have (path(100))'],
  ],
  [
    'an index that is no longer unique',
    'ALTER TABLE hosts DROP INDEX name, ADD INDEX name (name)',
    ['hosts index name: have (name), should have unique (name)'],
  ],
  [
    'an index that is unique',
    'ALTER TABLE guests DROP INDEX path_idx, ADD UNIQUE path_idx (path(100))',
    ['guests index path_idx: have unique (path(100)), should have (path(100))'],
  ],
  [
    'an index by another name',
    'ALTER TABLE guests RENAME INDEX path_idx TO ix_path',
    ['guests index name of (path(100)): have ix_path, should have path_idx'],
  ],
  ['no primary key', 'ALTER TABLE disks DROP PRIMARY KEY', ['disks index PRIMARY: have none, should have unique (id)']],
  [
    'a foreign key less',
    'ALTER TABLE guests DROP FOREIGN KEY fk_host',
    [
      'guests foreign key fk_host: have none, should have (host_id) to hosts (id) on delete RESTRICT on update RESTRICT',
    ],
  ],
  [
    'what a foreign key does on delete',
    'ALTER TABLE disks DROP FOREIGN KEY disks_ibfk_1; ALTER TABLE disks ADD FOREIGN KEY (uuid) REFERENCES guests (uuid)',
    [
      'disks foreign key: have (uuid) to guests (uuid) on delete RESTRICT on update RESTRICT, should have (uuid) to guests (uuid) on delete CASCADE on update RESTRICT',
    ],
  ],
  [
    'a foreign key into the other database',
    `ALTER TABLE guests DROP FOREIGN KEY fk_host; ALTER TABLE guests ADD CONSTRAINT fk_host FOREIGN KEY (host_id) REFERENCES ${model}.hosts (id)`,
    [
      'guests foreign key fk_host: have (host_id) to swapctl_new_nova.hosts (id) on delete RESTRICT on update RESTRICT, should have (host_id) to hosts (id) on delete RESTRICT on update RESTRICT',
    ],
  ],
  ['a check less', 'ALTER TABLE guests DROP CONSTRAINT positive', ['guests check: have none, should have `slot` >= 0']],
  ['a check more', 'ALTER TABLE hosts ADD CHECK (up IN (0, 1))', ['hosts check: have `up` in (0,1), should have none']],
  [
    'a check of a column',
    'ALTER TABLE guests MODIFY slot INT NOT NULL DEFAULT 0 CHECK (slot < 9)',
    ['guests check: have `slot` < 9, should have none'],
  ],
  [
    'a trigger',
    'CREATE TRIGGER t BEFORE INSERT ON hosts FOR EACH ROW SET NEW.note = 1',
    ['hosts trigger t: have BEFORE INSERT: SET NEW.note = 1, should have none'],
  ],
])('%s is detected, and named', async (_, statements, found) => {
  await server.load(database, statements)
  expect((await compare()).map((line) => line.replace(`${database}.`, ''))).toEqual(found)
})

test('neither column order nor generated names are differences', async () => {
  await server.load(
    database,
    `ALTER TABLE guests MODIFY path VARCHAR(300) NULL FIRST; ALTER TABLE disks DROP FOREIGN KEY disks_ibfk_1;
     ALTER TABLE disks ADD CONSTRAINT disks_ibfk_9 FOREIGN KEY (uuid) REFERENCES guests (uuid) ON DELETE CASCADE;
     ALTER TABLE guests DROP CONSTRAINT positive, ADD CONSTRAINT CONSTRAINT_4 CHECK (slot >= 0)`,
  )
  expect(await compare()).toEqual([])
})

test('an untouched database differs in every table', async () => {
  await db.run(`DROP DATABASE ${quoted(database)}`)
  await db.run(`CREATE DATABASE ${quoted(database)}`)
  expect(await compare()).toHaveLength(3)
})
