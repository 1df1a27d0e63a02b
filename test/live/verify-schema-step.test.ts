import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { execute } from '../../src/engine/run.ts'
import type { Step } from '../../src/engine/step.ts'
import type { SwapError } from '../../src/errors.ts'
import type { Db } from '../../src/hosts/db.ts'
import type { Argv, Command, Host } from '../../src/hosts/host.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { newSchemaSteps } from '../../src/verify/schema-new.ts'
import { schemaDifferences, schemaProofStep, schemaSays } from '../../src/verify/schema-step.ts'
import { openBench } from '../engine.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Side, startSide } from './sides.ts'

let server: Server
let side: Side
let db: Db
let directory: string
let recipe: Recipe
let context: Context

const schema = `CREATE TABLE user (id VARCHAR(64) PRIMARY KEY, enabled BOOLEAN NOT NULL, extra TEXT) ENGINE InnoDB;
  CREATE TABLE nonlocal_user (name VARCHAR(255) PRIMARY KEY, user_id VARCHAR(64) NOT NULL, FOREIGN KEY (user_id) REFERENCES user (id)) ENGINE InnoDB;
  CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('47147121'), ('c88cdce8f248');`

/** A stand-in for systemd-run, as far as the tool can notice. */
const run = `#!/bin/bash
[ "$1" = --in-it ] || exec unshare --mount --propagation private "$0" --in-it "$@"
shift
while [[ $1 == --* ]]; do
  case $1 in
    --property=TemporaryFileSystem=*) path=\${1#--property=TemporaryFileSystem=}; mount -t tmpfs tmpfs "\${path%:ro}" ;;
    --property=BindReadOnlyPaths=*) both=\${1#--property=BindReadOnlyPaths=}; touch "\${both#*:}"; mount --bind "\${both%%:*}" "\${both#*:}" ;;
  esac
  shift
done
exec "$@"
`

/** Logs in with its config file, reports what it sees, and creates the schema beside it. */
const manage = (place: string): string => `#!/bin/bash
cd ${place}
config=$(cat etc/keystone.conf)
url=\${config#*connection = mysql+pymysql://}
account=\${url%%@*} database=\${url#*localhost/}
export MYSQL_PWD=\${account#*:}
sql() { mariadb --defaults-extra-file="$HOME/.my.cnf" --user="\${account%%:*}" "$@" "\${database%%\\?*}"; }
{ echo "$config"; sql -NBe 'SHOW DATABASES'; ls etc; stat -c %a etc/keystone.conf; echo "$@"; } > seen
sql < schema.sql
`

const at = (place: string, host: Host): Host => {
  const found = ({ argv, ...rest }: Command): Command => ({
    ...rest,
    argv: ['env', `PATH=${place}:${process.env['PATH']}`, ...argv] as Argv,
  })
  return { ...host, run: (command) => host.run(found(command)), spawn: (command) => host.spawn(found(command)) }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verify-schema-'))
  server = await startMariadb()
  side = await startSide('target', ['/var/lib/swapctl', join(directory, 'etc')], server.host)
  db = await server.db()
  await writeFile(join(directory, 'systemd-run'), run, { mode: 0o755 })
  await writeFile(join(directory, 'keystone-manage'), manage(directory), { mode: 0o755 })
  await side.sh(`mkdir -p /var/lib/swapctl/test; echo the-real-one > ${directory}/etc/keystone.conf`)
  const path = join(directory, 'etc', 'keystone.conf')
  recipe = { ...keystone, user: 'root', etc: [join(directory, 'etc')], files: [{ path, namespaces: [] }] }
  const database = { name: 'keystone', repo: 'keystone', charset: 'utf8', collation: 'utf8_general_ci' }
  const host = at(directory, side.host)
  context = {
    config: { name: 'test', state: join(directory, 'state'), release: 'epoxy' },
    survey: { services: [{ name: 'keystone', databases: [database] }] },
    hosts: () => host,
    recipes: [recipe],
  } as unknown as Context
})
afterAll(async () => {
  await side?.stop()
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(async () => {
  await writeFile(join(directory, 'schema.sql'), schema)
  await db.run('DROP DATABASE IF EXISTS keystone')
  await db.run('CREATE DATABASE keystone CHARACTER SET utf8mb3')
  await server.load('keystone', schema)
})

/** Runs steps like a command and returns the output; an error is returned as text. */
const perform = async (steps: readonly Step[]): Promise<string> => {
  const bench = await openBench()
  try {
    const engine = await bench.engine({ hosts: context.hosts })
    const error = await execute(steps, engine).then(
      () => '',
      (failed: SwapError) => `${failed.message}\n${failed.next}`,
    )
    return [...bench.told, error, JSON.stringify(engine.journal.entries)].join('\n')
  } finally {
    await bench.close()
  }
}

const make = (): Promise<string> => perform(newSchemaSteps(context, recipe))
const prove = (): Promise<string> => perform([schemaProofStep(context, recipe, [])])

const left = async (): Promise<readonly string[]> => [
  ...(
    await db.rows<{ name: string }>(
      "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE 'swapctl%'",
    )
  ).map(({ name }) => name),
  ...(await db.rows<{ name: string }>("SELECT user AS name FROM mysql.user WHERE user LIKE 'swapctl%'")).map(
    ({ name }) => name,
  ),
  ...(await side.sh('ls /var/lib/swapctl/test')).split('\n').filter(Boolean),
]

test('a tool creates a schema from scratch seeing one database and one config file, and leaves nothing behind', async () => {
  const told = await make()
  expect(told).toContain('end keystone/schema-new keystone 3 tables')
  expect(told).toContain('end keystone/schema-new-drop')
  const seen = await readFile(join(directory, 'seen'), 'utf8')
  const password = /:([0-9a-f]{48})@/.exec(seen)?.[1] ?? 'none'
  expect(seen.split('\n').slice(2)).toEqual([
    'information_schema',
    'swapctl_new_keystone',
    'keystone.conf',
    '600',
    'db_sync',
    '',
  ])
  expect(told).not.toContain(password)
  expect(seen).not.toContain('the-real-one')
  expect(await side.sh(`cat ${directory}/etc/keystone.conf`)).toBe('the-real-one')
  expect(await left()).toEqual([])
})

test('a database with that schema is proved; a different one is named, and stops the swap', async () => {
  await make()
  expect(await prove()).toContain('end keystone/schema-proof keystone: 3 tables, 0 known differences')
  expect(await schemaDifferences(context, [recipe])).toEqual([])
  await server.load(
    'keystone',
    'ALTER TABLE user ADD CHECK (enabled IN (0, 1)); CREATE TABLE migrate_version (version INT)',
  )
  expect(await schemaSays(context, [recipe])).toBe('keystone: 4 tables, 2 known differences')
  await server.load(
    'keystone',
    'ALTER TABLE user MODIFY extra VARCHAR(200), ADD KEY extra_idx (extra); DROP TABLE nonlocal_user',
  )
  expect(await prove()).toContain(
    `target, keystone: the schema differs from the one that the tools of epoxy create:
  keystone.nonlocal_user
    table: have none, should have base table
  keystone.user
    type of extra: have varchar(200), should have text
    index extra_idx: have (extra), should have none`,
  )
  expect(await schemaDifferences(context, [recipe])).toMatchObject([
    { part: 'schema', service: 'keystone', where: 'keystone.nonlocal_user' },
    { where: 'keystone.user', look: 'SHOW CREATE TABLE `keystone`.`user`; on the target' },
    { where: 'keystone.user' },
  ])
})

test('a tool that exits 0 and does nothing is detected before anything is compared with it', async () => {
  await writeFile(join(directory, 'schema.sql'), '')
  expect(await make()).toContain('keystone-manage made 0 tables at no revision, not at the revision of 2025.1')
  // Another release's schema is no reference either.
  await writeFile(join(directory, 'schema.sql'), schema.replace('c88cdce8f248', 'e25ffa003242'))
  expect(await make()).toContain('made 3 tables at 47147121 + e25ffa003242')
})

test('leftovers of a failed tool are removed by the undo, and by a second try', async () => {
  await writeFile(join(directory, 'schema.sql'), 'CREATE TABLE half (id INT); nonsense')
  expect(await make()).toContain('fail keystone/schema-new')
  expect(await left()).toEqual(['swapctl_new_keystone', 'swapctl_new_keystone', 'schema-new-keystone.conf'])
  const [step] = newSchemaSteps(context, recipe)
  const undo = (await step?.undo()) ?? []
  expect(await perform([{ ...(step as Step), keeps: [], run: async () => undo, proof: async () => '' }])).toContain(
    'end keystone',
  )
  expect(await left()).toEqual([])
  await writeFile(join(directory, 'schema.sql'), schema)
  expect(await make()).toContain('keystone 3 tables')
})

test('without the snapshot from prepare nothing can be proved', async () => {
  await rm(join(directory, 'state', 'schemas'), { recursive: true })
  expect(await prove()).toContain('cannot read the expected schema of keystone')
})
