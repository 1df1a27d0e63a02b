import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { clearRehearsal } from '../../src/commands/rehearsal.ts'
import { performRehearsal } from '../../src/commands/rehearse.ts'
import type { Context } from '../../src/context.ts'
import { execute } from '../../src/engine/run.ts'
import { nothing, type Plan } from '../../src/engine/step.ts'
import type { Db } from '../../src/hosts/db.ts'
import type { Rehearsal } from '../../src/plan/rehearsal.ts'
import { leftOfRehearsal } from '../../src/rehearse/left.ts'
import { refuseFull } from '../../src/rehearse/room.ts'
import { rehearseSteps } from '../../src/rehearse/steps.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { importSteps } from '../../src/transfer/import.ts'
import { newSchemaSteps } from '../../src/verify/schema-new.ts'
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

const users = 'CREATE TABLE user (id VARCHAR(64) PRIMARY KEY, name VARCHAR(64) NOT NULL'
const roles = 'CREATE TABLE role (id INT PRIMARY KEY);'
const api =
  'CREATE TABLE cell_mappings (id INT AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(36) NOT NULL, name VARCHAR(255), transport_url TEXT, database_connection TEXT);'
const cell = 'CREATE TABLE instances (uuid VARCHAR(36) PRIMARY KEY);'
const heads = { nova_api: 'cdeec0c85668', nova: '2903cd72dc14' }
const zero = '00000000-0000-0000-0000-000000000000'

const sync = `here=$(url database) top=$(url api_database)
case "$*" in
  'api_db sync') sql "$top" < "$(step "$top" api)" ;;
  'db sync')
    for one in $(sql "$top" -NBe "SELECT database_connection FROM cell_mappings"); do echo "cell $one" >> cells; done
    zero=$(sql "$top" -NBe "SELECT database_connection FROM cell_mappings WHERE uuid LIKE '00000000-%'")
    [ -z "$zero" ] || sql "$zero" < "$(step "$zero" cell)"
    sql "$here" < "$(step "$here" cell)" ;;
esac`

let recipes: readonly Recipe[]
let context: Context

const file = (name: string, text: string, mode = 0o644) => writeFile(join(directory, name), text, { mode })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rehearse-'))
  ;[source, target] = await Promise.all([startMariadb('--log-bin', '--server-id=1'), startMariadb()])
  side = await startSide('target', ['/var/lib/swapctl', join(directory, 'etc')], target.host)
  ;[old, copy] = [await source.db(), await target.db()]
  await file('systemd-run', systemdRun, 0o755)
  const upgrade = 'here=$(url database); sql "$here" < "$(step "$here" keystone)"'
  await file('keystone-manage', manage(directory, 'keystone.conf', upgrade), 0o755)
  await file('nova-manage', manage(directory, 'nova.conf', sync), 0o755)
  await side.sh('mkdir -p /var/lib/swapctl/test')
  const etc = [join(directory, 'etc')]
  const own = (recipe: Recipe): Recipe => ({
    ...recipe,
    user: 'root',
    etc,
    files: [{ path: join(directory, 'etc', `${recipe.name}.conf`), namespaces: [] }],
  })
  recipes = [own(keystone), own(nova)]
})
afterAll(async () => {
  await side?.stop()
  await source?.stop()
  await target?.stop()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(async () => {
  for (const name of ['state', 'broken', 'calls', 'cells'])
    await rm(join(directory, name), { recursive: true, force: true })
  await file(
    'keystone-new.sql',
    `${users}, UNIQUE KEY u_name (name));${roles}${version('47147121')}INSERT INTO alembic_version VALUES ('c88cdce8f248');`,
  )
  await file('keystone-zed.sql', 'ALTER TABLE user ADD UNIQUE KEY u_name (name);')
  await file(
    'keystone-own.sql',
    `DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('47147121'), ('c88cdce8f248');`,
  )
  await file('api-new.sql', `${api}${version(heads.nova_api)}`)
  await file('cell-new.sql', `${cell}${version(heads.nova)}`)
  for (const [tree, api, cell] of [
    ['zed', 'b30f573d3377', 'ccb0fa1a2252'],
    ['own', heads.nova_api, heads.nova],
  ]) {
    await file(`api-${tree}.sql`, `UPDATE alembic_version SET version_num = '${api}'`)
    await file(`cell-${tree}.sql`, `UPDATE alembic_version SET version_num = '${cell}'`)
  }
  const databases = ['keystone', 'nova_api', 'nova_cell0', 'nova']
  for (const name of databases) await old.run(`CREATE OR REPLACE DATABASE ${name} CHARACTER SET utf8mb3`)
  await source.load(
    'keystone',
    `${users});${roles}${version('e25ffa003242')}INSERT INTO alembic_version VALUES ('29e87d24a316'); INSERT INTO user VALUES ('1', 'one'), ('2', 'two'); INSERT INTO role VALUES (1), (2), (3);`,
  )
  await source.load('nova_api', `${api}${version('b30f573d3377')}`)
  for (const name of ['nova_cell0', 'nova']) await source.load(name, `${cell}${version('16f1fbcab42b')}`)
  await source.load('nova', "INSERT INTO instances VALUES ('i'), ('j')")
  await source.load(
    'nova_api',
    `INSERT INTO cell_mappings VALUES (1, '${zero}', 'cell0', 'none:///', 'mysql+pymysql://nova:secret@10.20.0.10/nova_cell0'),
      (2, 'c1', 'cell1', 'rabbit://u:p@10.20.0.10/', '{scheme}://{username}:{password}@{hostname}/nova')`,
  )
  context = contextOf()
})

const contextOf = (): Context => {
  const database = (name: string, repo: string) => ({
    name,
    repo,
    charset: 'utf8',
    collation: 'utf8_general_ci',
    bytes: 1000,
    hops: ['zed', 'epoxy'],
  })
  return {
    config: {
      name: 'test',
      state: join(directory, 'state'),
      release: 'epoxy',
      hops: [],
      parallel: 2,
      source: { machines: [{ name: 'source' }] },
      target: { machines: [{ name: 'target' }] },
    },
    survey: {
      members: [{ name: 'source', clients: 0 }],
      services: [
        { name: 'keystone', running: [], databases: [database('keystone', 'keystone')] },
        {
          name: 'nova',
          running: [],
          databases: [database('nova_api', 'nova_api'), database('nova_cell0', 'nova'), database('nova', 'nova')],
        },
      ],
    },
    hosts: (name: string) => (name === 'source' ? source.host : at(directory, side.host)),
    recipes,
    decisions: [],
  } as unknown as Context
}

const shut = {
  id: 'keystone/close',
  phase: 'migrate' as const,
  title: 'Close',
  after: [],
  changes: [],
  run: nothing,
  undo: nothing,
}

const planOf = (): Plan => [
  ...recipes.flatMap((recipe) => [...newSchemaSteps(context, recipe), ...trySchemaSteps(context, recipe)]),
  ...recipes.flatMap((recipe) => rehearseSteps(context, recipe)),
  shut,
  ...recipes.flatMap((recipe) => importSteps(context, recipe, [shut.id])),
]

/** What swapctl has on the target. */
const left = async (): Promise<readonly unknown[]> => [
  ...(await copy.rows("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'swapctl%'")),
  ...(await copy.rows("SELECT user FROM mysql.user WHERE user LIKE 'swapctl%'")),
  ...(await side.sh('ls -A /var/lib/swapctl/test')).split('\n').filter(Boolean),
]

/** What must not change on the source. */
const stands = async (): Promise<string> =>
  JSON.stringify([
    await old.rows('SHOW MASTER STATUS'),
    await old.rows('CHECKSUM TABLE keystone.user, keystone.role, nova_api.cell_mappings, nova.instances'),
    await old.rows('SELECT user, host FROM mysql.user ORDER BY 1, 2'),
  ])

interface Trial {
  readonly told: readonly string[]
  rehearse(): Promise<Rehearsal>
  prepare(): Promise<string>
  close(): Promise<void>
  readonly session: Parameters<typeof performRehearsal>[0]
}

const open = async (): Promise<Trial> => {
  const bench = await openBench()
  const engine = await bench.engine({ hosts: context.hosts })
  const session = { engine, journal: engine.journal, reporter: engine.reporter }
  return {
    told: bench.told,
    session,
    prepare: () =>
      execute(
        planOf().filter(({ phase }) => phase === 'prepare'),
        engine,
      ).then(
        () => '',
        (error: Error) => error.message,
      ),
    rehearse: () => performRehearsal(session, context, recipes, planOf()),
    close: () => bench.close(),
  }
}

const within = async (work: (trial: Trial) => Promise<void>): Promise<void> => {
  const trial = await open()
  try {
    expect(await trial.prepare()).toBe('')
    await work(trial)
  } finally {
    await trial.close()
  }
}

test('a rehearsal carries all rows through the hops, leaves nothing behind, and predicts the freeze', () =>
  within(async ({ rehearse, told }) => {
    const before = await stands()
    await rm(join(directory, 'cells'), { force: true })
    const { failed, lost, freeze, services } = await rehearse()
    expect(failed).toEqual([])
    expect(lost).toEqual([])
    expect(services).toEqual(['keystone', 'nova'])
    const all = told.join('\n')
    expect(all).toContain('end keystone/rehearse-rows 2 tables, 5 rows')
    expect(all).toContain('end keystone/rehearse-schema-zed ')
    expect(all).toMatch(/end nova\/rehearse-schema-proof nova_api: 2 tables/)
    expect(all).toContain('end nova/rehearse-login 2 rows of cell_mappings lead to the copies')
    expect(all).not.toContain('secret')
    // The tools saw the copies and nothing else.
    const cells = (await readFile(join(directory, 'cells'), 'utf8')).trim().split('\n')
    expect(cells.length).toBeGreaterThan(0)
    for (const one of cells) expect(one).toMatch(/@localhost\/swapctl_rehearse_nova(_cell0)?\?/)
    expect(freeze?.steps.map(({ id, known }) => `${id} ${known}`).toSorted()).toEqual([
      'keystone/close estimated',
      'keystone/import-keystone rehearsed',
      'nova/import-nova rehearsed',
      'nova/import-nova_api rehearsed',
      'nova/import-nova_cell0 rehearsed',
    ])
    expect(await left()).toEqual([])
    expect(await stands()).toBe(before)
    // And again.
    expect((await rehearse()).failed).toEqual([])
    expect(await left()).toEqual([])
  }))

test('a migration that fails on a row is found by the rehearsal, not by prepare, and the others go on', () =>
  within(async ({ rehearse, told }) => {
    expect(told.join('\n')).toContain('end keystone/schema-try keystone: no differences')
    await source.load('keystone', "INSERT INTO user VALUES ('3', 'one')")
    const before = await stands()
    const { failed, freeze } = await rehearse()
    expect(failed).toEqual([{ service: 'keystone', says: expect.stringContaining('keystone/rehearse-schema-zed: ') }])
    expect(failed[0]?.says).toContain('keystone-manage db_sync')
    // The value is redacted, as everywhere.
    expect(failed[0]?.says).toContain("for key 'u_name'")
    expect(freeze).toBeUndefined()
    expect(told.join('\n')).toContain('end nova/rehearse-drop nothing of the rehearsal is left on the target')
    expect(await left()).toEqual([])
    expect(await stands()).toBe(before)
    await source.load('keystone', "DELETE FROM user WHERE id = '3'")
    expect((await rehearse()).failed).toEqual([])
  }))

test('a table that loses rows on the way is named', () =>
  within(async ({ rehearse }) => {
    await file('keystone-zed.sql', 'ALTER TABLE user ADD UNIQUE KEY u_name (name); DELETE FROM role WHERE id > 1;')
    expect((await rehearse()).lost).toEqual(['keystone.role: 1 of 3 rows are left'])
    expect(await left()).toEqual([])
  }))

test('a rehearsal that broke off is removed and begins anew', () =>
  within(async ({ rehearse, session }) => {
    const steps = rehearseSteps(context, recipes[0] as Recipe)
    await execute(steps.slice(0, 4), session.engine)
    // As after a kill in a hop: begun, and nothing more.
    const hop = steps[4] as (typeof steps)[number]
    await session.journal.append({
      event: 'begun',
      step: hop.id,
      phase: 'rehearse',
      title: hop.title,
      machines: ['target'],
      undo: [],
    })
    expect((await left()).length).toBeGreaterThan(2)
    expect(leftOfRehearsal(session.journal).length).toBeGreaterThan(2)
    await clearRehearsal(session)
    expect(await left()).toEqual([])
    expect(leftOfRehearsal(session.journal)).toEqual([])
    expect((await rehearse()).failed).toEqual([])
    expect(leftOfRehearsal(session.journal)).toEqual([])
  }))

test('copies that do not fit are refused before anything is made', async () => {
  await expect(refuseFull(context, recipes)).resolves.toBeUndefined()
  const full = {
    ...context,
    hosts: (name: string) => {
      const host = context.hosts(name as 'target')
      if (name === 'source') return host
      return {
        ...host,
        run: (command: Parameters<typeof host.run>[0]) =>
          command.argv[0] === 'df'
            ? Promise.resolve({ code: 0, stdout: 'Filesystem\n/dev/sda 10 9 1000 90% /data\n', stderr: '' })
            : host.run(command),
      }
    },
  } as Context
  await expect(refuseFull(full, recipes)).rejects.toThrow(/needs 4\d\.\d MiB in .*, and 1000 B are free on \/data/)
  expect(await left()).toEqual([])
})
