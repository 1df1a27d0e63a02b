import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { askChecks, type CheckContext } from '../../src/ask/check.ts'
import { schemaChecks } from '../../src/checks/schema.ts'
import type { Context } from '../../src/context.ts'
import { execute } from '../../src/engine/run.ts'
import type { Step } from '../../src/engine/step.ts'
import type { SwapError } from '../../src/errors.ts'
import type { Db } from '../../src/hosts/db.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { schemaCuresStep } from '../../src/verify/schema-cures-step.ts'
import { decisionOf } from '../../src/verify/schema-decisions.ts'
import { newSchemaSteps } from '../../src/verify/schema-new.ts'
import { schemaProofStep } from '../../src/verify/schema-step.ts'
import { worthAnotherTry } from '../../src/verify/schema-tried.ts'
import { trySchemaSteps } from '../../src/verify/schema-try.ts'
import { openBench } from '../engine.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { at, manage, systemdRun, version } from './schema-stand-ins.ts'
import { type Side, startSide } from './sides.ts'

let source: Server
let target: Server
let side: Side
let old: Db
let copy: Db
let directory: string

/** The release's schema from scratch. */
const fresh = `CREATE TABLE user (id VARCHAR(64) PRIMARY KEY, name VARCHAR(255) NOT NULL DEFAULT '', extra TEXT, doc JSON NULL, UNIQUE KEY u_name (name), KEY i_extra (extra(20)));
CREATE TABLE assignment (user_id VARCHAR(64) NOT NULL, role VARCHAR(64) NOT NULL, at DATETIME NULL, PRIMARY KEY (user_id, role), CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE);`
/** The previous release had no column `at`. */
const before = fresh.replace(', at DATETIME NULL', '')
const [zed, epoxy] = ['e25ffa003242', '47147121'] as const

let recipe: Recipe
let context: Context

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'schema-try-'))
  ;[source, target] = await Promise.all([startMariadb(), startMariadb()])
  side = await startSide('target', ['/var/lib/swapctl', join(directory, 'etc')], target.host)
  ;[old, copy] = [await source.db(), await target.db()]
  await writeFile(join(directory, 'systemd-run'), systemdRun, { mode: 0o755 })
  const steps = 'here=$(url database); sql "$here" < "$(step "$here" keystone)"'
  await writeFile(join(directory, 'keystone-manage'), manage(directory, 'keystone.conf', steps), { mode: 0o755 })
  await side.sh('mkdir -p /var/lib/swapctl/test')
  const path = join(directory, 'etc', 'keystone.conf')
  recipe = { ...keystone, user: 'root', etc: [join(directory, 'etc')], files: [{ path, namespaces: [] }] }
})
afterAll(async () => {
  await side?.stop()
  await source?.stop()
  await target?.stop()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(async () => {
  await rm(join(directory, 'state'), { recursive: true, force: true })
  for (const name of ['broken', 'calls']) await rm(join(directory, name), { force: true })
  const file = (name: string, text: string) => writeFile(join(directory, name), text)
  await file('keystone-new.sql', `${fresh}${version(epoxy)}INSERT INTO alembic_version VALUES ('c88cdce8f248');`)
  await file('keystone-zed.sql', 'ALTER TABLE assignment ADD at DATETIME NULL;')
  await file(
    'keystone-own.sql',
    `DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('${epoxy}'), ('c88cdce8f248');`,
  )
  context = contextOf(recipe, [['keystone', 'keystone']])
  for (const db of [old, copy]) {
    await db.run('DROP DATABASE IF EXISTS keystone')
    await db.run('CREATE DATABASE keystone CHARACTER SET utf8mb3')
  }
  await source.load('keystone', `${before}${version(zed)}`)
})

const contextOf = (of: Recipe, databases: readonly (readonly [string, string])[], ...decisions: string[]): Context =>
  ({
    config: { name: 'test', state: join(directory, 'state'), release: 'epoxy', hops: [] },
    survey: {
      services: [
        {
          name: of.name,
          databases: databases.map(([name, repo]) => ({
            name,
            repo,
            charset: 'utf8',
            collation: 'utf8_general_ci',
            hops: ['zed', 'epoxy'],
          })),
        },
      ],
    },
    hosts: (name: string) => (name === 'source' ? source.host : at(directory, side.host)),
    recipes: [of],
    decisions: decisions.flatMap((id) => decisionOf(id, 'as I say') ?? []),
  }) as unknown as Context

const deciding = (...decisions: string[]): Context => contextOf(recipe, [['keystone', 'keystone']], ...decisions)

/** Runs steps like a command and returns the output; an error is returned as text. */
const perform = async (steps: readonly Step[]): Promise<string> => {
  const bench = await openBench()
  try {
    const engine = await bench.engine({ hosts: context.hosts })
    const error = await execute(steps, engine).then(
      () => '',
      (failed: SwapError) => `${failed.message}\n${failed.next}`,
    )
    return [...bench.told, error].join('\n')
  } finally {
    await bench.close()
  }
}

const prepare = (): Promise<string> =>
  perform(context.recipes.flatMap((one) => [...newSchemaSteps(context, one), ...trySchemaSteps(context, one)]))

const check = async (of: Context = context): Promise<readonly string[]> =>
  (await askChecks(schemaChecks, { ...of, recreate: false, claimed: true } as CheckContext)).map(
    ({ level, says, remedy }) => `${level}: ${says}\n${remedy}`,
  )

const blocks = async (of: Context = context): Promise<readonly string[]> =>
  (await check(of)).filter((one) => one.startsWith('block'))

/** The state after import and hops. */
const arrive = async (rows: string): Promise<void> => {
  const { stdout } = await source.host.run({
    argv: ['mariadb-dump', '--triggers', '--hex-blob', '--default-character-set=utf8mb4', 'keystone'],
  })
  await target.load('keystone', stdout)
  await target.load('keystone', rows)
  for (const step of ['zed', 'own'])
    await target.load('keystone', await readFile(join(directory, `keystone-${step}.sql`), 'utf8'))
}

const migrate = (of: Context): Promise<string> =>
  perform([schemaCuresStep(of, recipe, []), schemaProofStep(of, recipe, [`${recipe.name}/schema-cures`])])

const odd = `ALTER TABLE user DROP KEY i_extra, ADD KEY ours (extra(9)), ADD nick VARCHAR(9), MODIFY extra MEDIUMTEXT CHARACTER SET latin1;
  ALTER TABLE assignment DROP FOREIGN KEY fk_user, MODIFY role VARCHAR(64) CHARACTER SET latin1 NOT NULL, DEFAULT CHARSET latin1;
  CREATE TABLE notes (id INT); CREATE VIEW v_users AS SELECT id FROM user; CREATE SEQUENCE numbers;
  CREATE TRIGGER t_user BEFORE INSERT ON user FOR EACH ROW SET NEW.nick = 'x';`

test("a source with its release's schema: tried through every hop, nothing found, nothing left behind", async () => {
  const told = await prepare()
  expect(told).toContain('end keystone/schema-try keystone: no differences that the schema proof would refuse')
  expect(told).toContain('end keystone/schema-try-cures nothing to try')
  expect((await readFile(join(directory, 'calls'), 'utf8')).trim().split('\n')).toEqual([
    'own db_sync',
    'zed db_sync',
    'own db_sync',
  ])
  expect(await check()).toEqual([])
  expect(await worthAnotherTry(context, recipe)).toBe(false)
  expect(await copy.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name LIKE 'swapctl%'")).toEqual([])
  expect(await copy.rows("SELECT 1 FROM mysql.user WHERE user LIKE 'swapctl%'")).toEqual([])
  expect(await side.sh('ls /var/lib/swapctl/test')).toBe('')
})

test('all differences that the proof would refuse are reported before the freeze, and fixed on the copy as decided', async () => {
  await source.load('keystone', odd)
  expect(await prepare()).toMatch(
    /end keystone\/schema-try keystone: 1\d differences that the schema proof would refuse/,
  )
  const found = await blocks()
  const all = found.join('\n')
  for (const one of [
    'table: have view, should have none',
    'table: have sequence, should have none',
    'keystone.notes\n    table: have base table, should have none',
    'trigger t_user: have BEFORE INSERT',
    'index ours: have (extra(9)), should have none',
    'index i_extra: have none, should have (extra(20))',
    'column nick: have varchar(9)',
    'type of extra: have mediumtext, should have text',
    'charset of extra: have latin1, should have utf8mb3',
    'charset of role: have latin1, should have utf8mb3',
    'table collation: have latin1_swedish_ci, should have utf8mb3_general_ci',
    'foreign key fk_user: have none, should have (user_id) to user (id)',
    'swapctl check --accept schema/match/keystone --reason TEXT',
    '--accept schema/drop/keystone.v_users',
    'type schema/keep/ instead of schema/drop/',
  ])
    expect(all).toContain(one)
  // A charset is no table: each remedy belongs to its kind.
  const charsets = found.filter((one) => one.includes('charset of role'))
  expect(charsets).toHaveLength(1)
  expect(charsets[0]).not.toContain('schema/drop')

  const settled = deciding(
    'schema/match/keystone',
    ...['notes', 'numbers', 'user'].map((one) => `schema/drop/keystone.${one}`),
    'schema/keep/keystone.v_users',
    'schema/keep/keystone.user.nick',
  )
  expect(await blocks(settled)).toEqual([])
  expect((await check(settled)).join('\n')).toContain('match keystone, because: as I say')

  await arrive(
    "SET NAMES utf8mb4; INSERT INTO user (id, extra) VALUES ('u', 'Grüße'); INSERT INTO assignment (user_id, role) VALUES ('u', 'é')",
  )
  const told = await migrate(settled)
  expect(told).toMatch(
    /end keystone\/schema-proof keystone: \d+ tables, \d+ known differences, 2 kept by your decision/,
  )
  const [column] = await copy.rows<{ type: string; charset: string }>(
    "SELECT column_type AS type, character_set_name AS charset FROM information_schema.columns WHERE table_schema = 'keystone' AND table_name = 'user' AND column_name = 'extra'",
  )
  expect(column).toEqual({ type: 'text', charset: 'utf8mb3' })
  expect(await copy.rows('SELECT extra, nick FROM keystone.user')).toEqual([{ extra: 'Grüße', nick: 'x' }])
  expect(await copy.rows('SELECT role FROM keystone.assignment')).toEqual([{ role: 'é' }])
  expect(await copy.rows("SHOW FULL TABLES IN keystone WHERE table_type = 'VIEW'")).toHaveLength(1)
  await expect(copy.run("INSERT INTO keystone.user (id, doc) VALUES ('bad', 'no json')")).rejects.toThrow()
  // The old controller keeps everything.
  expect(await old.rows('SHOW TABLES IN keystone')).toHaveLength(6)
})

test('in the window the proof stops with everything undecided, and the next run applies new decisions', async () => {
  await prepare()
  await target.load(
    'keystone',
    `${fresh.replace('extra TEXT', 'extra TEXT CHARACTER SET latin1')}${version(epoxy)}
    INSERT INTO alembic_version VALUES ('c88cdce8f248'); CREATE VIEW v AS SELECT 1; CREATE TABLE more (id INT);`,
  )
  const bench = await openBench()
  try {
    const go = (of: Context) =>
      bench.engine({ hosts: context.hosts }).then((engine) =>
        execute([schemaCuresStep(of, recipe, []), schemaProofStep(of, recipe, ['keystone/schema-cures'])], engine).then(
          () => '',
          (failed: SwapError) => `${failed.message}\n${failed.next}`,
        ),
      )
    const stopped = await go(context)
    for (const one of [
      'keystone.v\n',
      'keystone.more\n',
      'charset of extra',
      'schema/match/keystone.user',
      'schema/drop/keystone.more',
    ])
      expect(stopped).toContain(one)
    const settled = deciding('schema/match/keystone', 'schema/keep/keystone.v', 'schema/drop/keystone.more')
    expect(await go(settled)).toBe('')
    expect(bench.told.join('\n')).toContain('end keystone/schema-proof keystone: 4 tables, 0 known differences, 1 kept')
  } finally {
    await bench.close()
  }
})

test('a tool that fails on a copy without rows does not stop prepare, and is reported with the rest', async () => {
  await writeFile(join(directory, 'broken'), '')
  const told = await prepare()
  expect(told).toMatch(
    /end keystone\/schema-try a schema tool failed \(details: swapctl check\): exit 1: (?:.|\n)*Traceback: the tool is broken/,
  )
  // Nothing runs after it.
  expect((await readFile(join(directory, 'calls'), 'utf8')).trim().split('\n')).toEqual(['own db_sync', 'zed db_sync'])
  expect(await blocks()).toEqual([
    expect.stringContaining("the schema tools fail on an empty copy of keystone's databases"),
  ])
  expect(await worthAnotherTry(context, recipe)).toBe(true)
})

test('tables that changed since the try are reported, and tried again', async () => {
  expect(await blocks()).toEqual([expect.stringContaining('prepare has not yet tried')])
  await prepare()
  await source.load('keystone', 'ALTER TABLE user ADD nick INT')
  expect(await blocks()).toEqual([expect.stringContaining('tables of keystone have changed on the source')])
  expect(await worthAnotherTry(context, recipe)).toBe(true)
  await prepare()
  expect(await blocks()).toEqual([expect.stringContaining('column nick')])
  // It may have been dropped on the source since, or it is an index that the digest of tables does not cover.
  expect(await worthAnotherTry(context, recipe)).toBe(true)
  expect(await worthAnotherTry(deciding('schema/drop/keystone.user.nick'), recipe)).toBe(false)
})

test('rows that no remedy accepts are reported before the freeze', async () => {
  await source.load(
    'keystone',
    `SET NAMES utf8mb4; ALTER TABLE user DROP KEY u_name, MODIFY name VARCHAR(255) NULL, MODIFY extra TEXT CHARACTER SET utf8mb4;
     ALTER TABLE assignment MODIFY role VARCHAR(64) COLLATE utf8mb3_bin NOT NULL;
     INSERT INTO user (id, name, extra) VALUES ('a', 'same', 'plain'), ('b', 'same', '🌍'), ('c', NULL, 'ü');
     INSERT INTO assignment VALUES ('a', 'Admin'), ('a', 'admin')`,
  )
  await prepare()
  const told = (await blocks()).find((one) => one.includes('rows of keystone that do not fit the chosen fix')) ?? ''
  for (const one of [
    'NULL in keystone.user.name (1)',
    'characters in keystone.user.extra that utf8mb3 lacks (1)',
    'duplicates for keystone.user.u_name (1)',
    'equal for PRIMARY by its collation (1)',
  ])
    expect(told).toContain(one)
})

test("nova's cells: the source's cells are not touched, and the copy of cell0 is upgraded", async () => {
  const api = `CREATE TABLE cell_mappings (id INT AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(36) NOT NULL, name VARCHAR(255), transport_url TEXT, database_connection TEXT);`
  const cell = 'CREATE TABLE instances (uuid VARCHAR(36) PRIMARY KEY);'
  const sync = `here=$(url database) top=$(url api_database)
case "$*" in
  'api_db sync') sql "$top" < "$(step "$top" api)" ;;
  'db sync')
    zero=$(sql "$top" -NBe "SELECT database_connection FROM cell_mappings WHERE uuid LIKE '00000000-%'")
    [ -z "$zero" ] || sql "$zero" < "$(step "$zero" cell)"
    sql "$here" < "$(step "$here" cell)" ;;
esac`
  await writeFile(join(directory, 'nova-manage'), manage(directory, 'nova.conf', sync), { mode: 0o755 })
  const file = (name: string, text: string) => writeFile(join(directory, name), text)
  await file('api-new.sql', `${api}${version(heads.nova_api)}`)
  await file('cell-new.sql', `${cell}${version(heads.nova)}`)
  for (const tree of ['zed', 'own']) {
    await file(`api-${tree}.sql`, `UPDATE alembic_version SET version_num = '${heads.nova_api}'`)
    await file(`cell-${tree}.sql`, `UPDATE alembic_version SET version_num = '${heads.nova}'`)
  }
  for (const name of ['nova_api', 'nova_cell0', 'nova']) {
    await old.run(`CREATE OR REPLACE DATABASE ${name} CHARACTER SET utf8mb3`)
    await source.load(name, `${name === 'nova_api' ? api : cell}${version('16f1fbcab42b')}`)
  }
  await source.load('nova_cell0', 'CREATE TABLE only_in_cell0 (id INT)')
  await source.load(
    'nova_api',
    "INSERT INTO cell_mappings VALUES (1, '00000000-0000-0000-0000-000000000000', 'cell0', 'none:///', 'mysql+pymysql://nova:secret@10.20.0.10/nova_cell0')",
  )
  const path = join(directory, 'etc', 'nova.conf')
  const own: Recipe = { ...nova, user: 'root', etc: [join(directory, 'etc')], files: [{ path, namespaces: [] }] }
  context = contextOf(own, [
    ['nova_api', 'nova_api'],
    ['nova_cell0', 'nova'],
    ['nova', 'nova'],
  ])
  const told = await prepare()
  expect(told).toContain(
    'end nova/schema-try nova_api: no differences that the schema proof would refuse; nova_cell0: 1 differences that the schema proof would refuse; swapctl check lists them; nova: no differences that the schema proof would refuse',
  )
  expect(told).not.toContain('secret')
  expect(await blocks()).toEqual([expect.stringContaining('schema/drop/nova_cell0.only_in_cell0')])
  expect(await old.rows('SELECT version_num AS v FROM nova_cell0.alembic_version')).toEqual([{ v: '16f1fbcab42b' }])
})

const heads = { nova_api: 'cdeec0c85668', nova: '2903cd72dc14' }
