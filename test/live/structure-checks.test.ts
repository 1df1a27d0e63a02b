import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askChecks, type Check, type CheckContext } from '../../src/ask/check.ts'
import { collationChecks } from '../../src/checks/collations.ts'
import { migrationChecks } from '../../src/checks/migrations.ts'
import { structureChecks } from '../../src/checks/structure.ts'
import { urlChecks } from '../../src/checks/urls.ts'
import { lendDatabase, withDatabase } from '../../src/hosts/db.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { cinderChecks } from '../../src/services/cinder/checks.ts'
import { cinderRecipe } from '../../src/services/cinder/recipe.ts'
import { heatChecks } from '../../src/services/heat/checks.ts'
import { blockers } from '../../src/services/index.ts'
import { keystoneChecks } from '../../src/services/keystone/checks.ts'
import { keystoneRecipe } from '../../src/services/keystone/recipe.ts'
import { novaChecks } from '../../src/services/nova/checks.ts'
import { cellChecks } from '../../src/services/nova/checks-cells.ts'
import { novaRecipe } from '../../src/services/nova/recipe.ts'
import type { Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { load, repoOf, startFast } from './historic.ts'
import { cases } from './historic-cases.ts'
import type { Server } from './mariadb.ts'
import { type Side, startSide } from './sides.ts'

let server: Server
let side: Side
beforeAll(async () => {
  server = await startFast()
  side = await startSide(
    'source',
    ['/etc/keystone', '/etc/heat', '/etc/cinder', '/etc/nova', '/usr/local/sbin'],
    server.host,
  )
})
afterAll(async () => {
  await side?.stop()
  await server?.stop()
})

const context = (name: string, repo: RepoName, more: object = {}): CheckContext => ({
  config: settings,
  survey: {
    ...surveyed,
    services: [{ name: repo, running: [], databases: [{ name, repo, hops: [], ...more }] }],
  } as unknown as Survey,
  recipes: [keystoneRecipe, cinderRecipe],
  recreate: false,
  claimed: false,
  hosts: () => side.host,
})

const find = async (checks: readonly Check[], id: string, of: CheckContext): Promise<readonly string[]> => {
  const check = checks.find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await askChecks([check], of)).map((one) => `${one.level}: ${one.says}`)
}

const structures = [
  {
    id: 'database/default-charset',
    silent: 'CREATE TABLE a (n VARCHAR(9)); CREATE TABLE b (n VARCHAR(9)) CHARACTER SET latin1',
    fires: 'ALTER DATABASE cloud CHARACTER SET utf8mb4',
    says: /^block: the database cloud is utf8mb4, but all of its tables are latin1,utf8(mb3)?$/,
  },
  {
    id: 'database/cut-enums',
    silent: "CREATE TABLE a (e ENUM('x', 'y')); INSERT INTO a VALUES ('x'), (NULL)",
    fires: "SET sql_mode = ''; INSERT INTO a VALUES ('z')",
    says: /^block: .*: cloud\.a\.e \(1 rows\)$/,
  },
  {
    id: 'database/programs',
    silent: 'CREATE TABLE a (id INT)',
    fires: 'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = 1; CREATE VIEW v AS SELECT id FROM a',
    says: /^warn: .*: trigger cloud\.t, view cloud\.v$/,
  },
] as const

test.each(structures)('$id: no finding without the fault, a finding with it', async ({ id, silent, fires, says }) => {
  const db = await server.db()
  await db.run('CREATE OR REPLACE DATABASE cloud CHARACTER SET utf8')
  await server.load('cloud', silent)
  expect(await find(structureChecks, id, context('cloud', 'nova'))).toEqual([])
  await server.load('cloud', fires)
  expect(await find(structureChecks, id, context('cloud', 'nova'))).toEqual([expect.stringMatching(says)])
})

test.each(['liberty/nova', 'train/nova', 'zed/nova', 'ocata/nova_api', 'zed/nova_api', 'zed/glance'] as const)(
  'database/collations: %s as its own release made it is nothing to be told',
  async (file) => {
    const db = await server.db()
    const database = await load(server, db, file)
    const of = context(database, repoOf(file))
    expect(await find(collationChecks, 'database/collations', of)).toEqual([])
    const [other] = await db.rows<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${database}' AND table_collation LIKE 'utf8%' LIMIT 1`,
    )
    await server.load(database, `ALTER TABLE ${other?.name} DEFAULT CHARSET latin1`)
    expect(await find(collationChecks, 'database/collations', of)).toEqual([
      `warn: tables of ${database} are not utf8mb3_general_ci like its other tables: latin1_swedish_ci ${other?.name}`,
    ])
  },
)

test('every check of structures has its case', () => {
  expect(structures.map(({ id }) => id)).toEqual(structureChecks.map(({ id }) => id))
})

test('keystone/credential-keys: credentials of a missing key', async () => {
  const db = await server.db()
  const keystone = await load(server, db, 'victoria/keystone')
  const insert = (id: string, key: string) =>
    server.load(
      keystone,
      `INSERT INTO credential (id, user_id, encrypted_blob, type, key_hash) VALUES ('${id}', 'u', 'x', 'totp', '${createHash('sha1').update(key).digest('hex')}')`,
    )
  const of = context(keystone, 'keystone')
  expect(await find(keystoneChecks, 'keystone/credential-keys', of)).toEqual([])
  await side.sh("mkdir /etc/keystone/credential-keys; printf 'first' > /etc/keystone/credential-keys/1")
  await insert('a', 'first')
  expect(await find(keystoneChecks, 'keystone/credential-keys', of)).toEqual([])
  await insert('b', 'thrown away')
  expect(await find(keystoneChecks, 'keystone/credential-keys', of)).toEqual([
    'block: 1 credentials are encrypted with a key that is not in /etc/keystone/credential-keys of the source',
  ])
  await side.sh(`mkdir -p /etc/keystone/elsewhere; printf 'first' > /etc/keystone/elsewhere/1; printf 'thrown away' > /etc/keystone/elsewhere/0
    printf '[credential]\nkey_repository = /etc/keystone/elsewhere\n' > /etc/keystone/keystone.conf`)
  expect(await find(keystoneChecks, 'keystone/credential-keys', of)).toEqual([])
})

/** tgt's output, shortened. */
const tgtSays = (targets: readonly string[], portals: readonly string[]): string => {
  const shown = targets.map(
    (target, at) =>
      `Target ${at + 1}: ${target}\n    System information:\n        Driver: iscsi\n        State: ready\n    I_T nexus information:\n    LUN information:\n        LUN: 0\n            Type: controller\n    ACL information:\n        ALL\n`,
  )
  return `cat > /usr/local/sbin/tgtadm <<'END'
#!/bin/sh
case " $* " in
*" portal "*) printf 'Portal: %s,1\\n' ${portals.map((one) => `'${one}'`).join(' ')} ;;
*" target "*) printf '%s' '${shown.join('')}' ;;
esac
END
chmod 755 /usr/local/sbin/tgtadm`
}

test('cinder/exports: exports without rows, and rows without exports', async () => {
  const cinder = await load(server, await server.db(), 'victoria/cinder')
  const of = context(cinder, 'cinder')
  const { addresses, hostname } = surveyed.source
  const portal = `${addresses.find(({ address }) => /^\d+(\.\d+){3}$/.test(address))?.address}:3260`
  const iqn = (id: string) => `iqn.2010-10.org.openstack:volume-${id}`
  const insert = (id: string, status: string, location: string, host = `${hostname}@lvm#lvm`) =>
    server.load(
      cinder,
      `SET sql_mode = ''; INSERT INTO volumes (id, host, status, provider_location, deleted, service_uuid) VALUES ('${id}', '${host}', '${status}', '${location}', 0, NULL)`,
    )
  const found = () => find(cinderChecks, 'cinder/exports', of)
  await insert('a', 'in-use', `${portal},1 ${iqn('a')} 1`)
  await insert('idle', 'available', `${portal},2 ${iqn('idle')} 1`)
  await insert('far', 'in-use', `10.99.0.1:3260,1 ${iqn('far')} 1`, 'storage1@lvm#lvm')
  await insert('share', 'in-use', '10.99.0.1:/export')
  expect(await found()).toEqual([])
  await side.sh(`printf '[DEFAULT]\nenabled_backends = lvm\n[lvm]\ntarget_helper = tgtadm\n' > /etc/cinder/cinder.conf`)
  expect(await found()).toEqual([
    expect.stringMatching(/^warn: tgt on the source does not export .*: a \(no target .*-a\)$/),
  ])
  await side.sh(tgtSays([iqn('a')], ['0.0.0.0:3260', '[::]:3260']))
  expect(await found()).toEqual([])
  await side.sh(tgtSays([iqn('a')], ['192.0.2.7:3260', '[::]:3260']))
  expect(await found()).toEqual([
    `warn: tgt on the source does not export volumes in use as their provider_location says: a (no answer at ${portal})`,
  ])
  await side.sh(tgtSays([iqn('a'), 'iqn.2001-01.example:backup'], [portal]))
  expect(await found()).toEqual([
    'warn: tgt on the source exports targets that are the provider_location of no volume or snapshot: iqn.2001-01.example:backup',
  ])
  // The prefix has changed since: both are right.
  await side.sh(tgtSays(['iqn.2026-01.example:volume-a'], [portal]))
  expect(await found()).toHaveLength(2)
  await side.sh("sed -i 's/tgtadm/lioadm/' /etc/cinder/cinder.conf")
  expect(await found()).toEqual([])
})

test('a refusing migration is a check of its own, for the databases whose path includes it', async () => {
  const db = await server.db()
  const cinder = await load(server, db, 'victoria/cinder')
  const rows = "('p', 'volumes', 1, 0, 1), ('p', 'volumes', 2, 0, 1)"
  await server.load(
    cinder,
    `ALTER TABLE quota_usages ADD COLUMN IF NOT EXISTS race_preventer BOOL; INSERT INTO quota_usages (project_id, resource, in_use, reserved, race_preventer) VALUES ${rows}`,
  )
  const ask = (revision: string, ...hops: string[]) =>
    find(migrationChecks, 'cinder-duplicate-quota-usages', context(cinder, 'cinder', { revision: [revision], hops }))
  expect(await ask('140', 'zed')).toEqual([expect.stringMatching(/^block: .* 1 duplicate quota usages/)])
  expect(await ask('141', 'zed')).toEqual([])
  expect(await ask('140')).toEqual([])
})

test('each of these has its case among the refusing migrations', () => {
  expect(migrationChecks.map(({ id }) => id)).toEqual(blockers.map(({ id }) => id))
  expect(new Set(cases.map(({ id }) => id))).toEqual(new Set(migrationChecks.map(({ id }) => id)))
})

test('all readers share one connection, and the server aborts a query that takes too long', async () => {
  const connections = async () => {
    const db = await server.db()
    const [row] = await db.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Connections'")
    return Number(row?.Value)
  }
  const before = await connections()
  const { host, close } = lendDatabase(server.host)
  const limits = await Promise.all(
    [1, 2, 3].map(() =>
      withDatabase(
        host,
        { readOnly: true },
        async (db) => (await db.rows<{ s: string }>('SELECT @@max_statement_time AS s'))[0],
      ),
    ),
  )
  expect(limits.map((row) => Number(row?.s))).toEqual([60, 60, 60])
  expect(await connections()).toBe(before + 2)
  await close()
})

test('a database that cannot be reached is a finding of each of its checks, not a crash', async () => {
  const { host, close } = lendDatabase({ ...side.host, socket: () => Promise.reject(new Error('nobody listens')) })
  const found = await askChecks(structureChecks, { ...context('cloud', 'nova'), hosts: () => host })
  await close()
  expect(found.map(({ id, level }) => [id, level])).toEqual(structureChecks.map(({ id }) => [id, 'block']))
  for (const { says } of found) expect(says).toContain('nobody listens')
})

test('heat/stack-domain: the domain in the settings, as two releases of keystone store domains', async () => {
  const db = await server.db()
  for (const release of ['victoria', 'kilo']) {
    const keystone = await load(server, db, `${release}/keystone`)
    const ours = (await context(keystone, 'keystone')) as CheckContext
    const services = [...ours.survey.services, { name: 'heat', databases: [{ name: 'heat', repo: 'heat' }] }]
    const both = { ...ours, survey: { ...ours.survey, services } as unknown as Survey }
    const ask = () => find(heatChecks, 'heat/stack-domain', both)
    await side.sh('rm -f /etc/heat/heat.conf')
    expect(await ask()).toEqual([])
    await side.sh("printf '[DEFAULT]\\nstack_user_domain_id = d1\\n' > /etc/heat/heat.conf")
    expect(await ask()).toEqual([
      expect.stringMatching(/^block: stack_user_domain_id in \S+ is d1, but keystone has no/),
    ])
    const table = release === 'victoria' ? 'project' : 'domain'
    await server.load(
      keystone,
      `SET sql_mode = '', foreign_key_checks = 0; INSERT INTO ${table} (id, name, enabled) VALUES ('d1', 'heat', 1)`,
    )
    expect(await ask()).toEqual([])
    await server.load(keystone, `UPDATE ${table} SET enabled = 0 WHERE id = 'd1'`)
    expect(await ask()).toHaveLength(1)
  }
})

test("placement/inside-nova: placement's tables that are still in nova_api", async () => {
  const db = await server.db()
  const [old, own] = [await load(server, db, 'rocky/nova_api'), await load(server, db, 'stein/placement')]
  const alone = context(old, 'nova_api')
  expect(await find(novaChecks, 'placement/inside-nova', alone)).toEqual([])
  await server.load(old, "INSERT INTO resource_providers (uuid, name) VALUES ('u', 'cmp1')")
  expect(await find(novaChecks, 'placement/inside-nova', alone)).toEqual([
    `block: 1 resource providers are in ${old}; placement has no separate database`,
  ])
  // In its own database, of any name, without the package that marks it.
  await server.load(old, 'DELETE FROM resource_providers')
  const elsewhere = await load(server, db, 'rocky/nova_api')
  const asNova = { ...alone, recipes: [novaRecipe] }
  expect(await find(novaChecks, 'placement/inside-nova', asNova)).toEqual([])
  await side.sh(
    `mkdir -p /etc/nova; printf '[placement_database]\\nconnection = mysql://p:s3?r@h/${elsewhere}\\n' > /etc/nova/nova.conf`,
  )
  const lies = (rows: number) => [
    `block: placement is in ${elsewhere} (${rows} resource providers) but its package is not installed: swapctl would not copy it`,
  ]
  expect(await find(novaChecks, 'placement/inside-nova', asNova)).toEqual(lies(0))
  await side.sh('rm /etc/nova/nova.conf')
  await server.load(elsewhere, "INSERT INTO resource_providers (uuid, name) VALUES ('u', 'cmp1')")
  expect(await find(novaChecks, 'placement/inside-nova', asNova)).toEqual(lies(1))
  // Tables left by the split are not used.
  const services = [...alone.survey.services, ...context(own, 'placement').survey.services]
  const split = { ...alone, survey: { ...alone.survey, services } as Survey }
  expect(await find(novaChecks, 'placement/inside-nova', split)).toEqual([])
})

test('nova/stray-cells: by address, by a name that the target resolves, by a template', async () => {
  const db = await server.db()
  const api = await load(server, db, 'victoria/nova_api')
  const base = context(api, 'nova_api')
  const services = [{ name: 'nova', running: [], databases: [{ name: api, repo: 'nova_api', hops: [] }] }]
  const counterparts = [{ source: '10.20.0.11', target: '10.20.0.12' }]
  const all = {
    ...base,
    config: { ...settings, counterparts },
    recipes: [novaRecipe],
    survey: { ...base.survey, services } as unknown as Survey,
  }
  const put = (uuid: string, host: string) =>
    db.run(
      `INSERT INTO \`${api}\`.cell_mappings (uuid, name, transport_url, database_connection) VALUES (?, ?, ?, ?)`,
      [uuid, `cell${uuid}`, `rabbit://u:p@${host}:5672/`, `mysql+pymysql://nova:secret@${host}/nova`],
    )
  await side.sh(
    `mkdir -p /etc/nova; printf '[DEFAULT]\\ntransport_url = rabbit://u:p@10.20.0.11/\\n[database]\\nconnection = mysql://u:p@10.20.0.11/nova\\n' > /etc/nova/nova.conf`,
  )
  await put('1', '10.20.0.11')
  await put('2', '10.20.0.10')
  await put('3', 'localhost')
  await put('4', '{hostname}')
  expect(await find(cellChecks, 'nova/stray-cells', all)).toEqual([])
  await put('5', '192.0.2.7')
  await put('6', 'no-such-name.invalid')
  const found = await find(cellChecks, 'nova/stray-cells', all)
  for (const [cell, host] of [
    ['cell5', '192.0.2.7'],
    ['cell6', 'no-such-name.invalid'],
  ])
    for (const column of ['transport_url', 'database_connection'])
      expect(found).toContain(`block: cell ${cell}, ${column}: points to ${host}, which is not the target`)
  expect(found).toHaveLength(4)
  expect(found.join()).not.toContain('secret')
})

test('nova/other-cells and nova/cell-urls: all sorts of passwords, templates, cells elsewhere', async () => {
  const db = await server.db()
  const [api, cell, cell0] = [
    await load(server, db, 'victoria/nova_api'),
    await load(server, db, 'victoria/nova'),
    await load(server, db, 'victoria/nova'),
  ]
  const services = [
    {
      name: 'nova',
      running: [],
      databases: [
        { name: api, repo: 'nova_api', hops: [] },
        { name: cell0, repo: 'nova', hops: [] },
        { name: cell, repo: 'nova', hops: [] },
      ],
    },
  ]
  const base = context(api, 'nova_api')
  const all = { ...base, recipes: [novaRecipe], survey: { ...base.survey, services } as unknown as Survey }
  const ask = async () => [
    ...(await find(cellChecks, 'nova/other-cells', all)),
    ...(await find(cellChecks, 'nova/cell-urls', all)),
  ]
  const put = async (uuid: string, transport: string, url: string) =>
    db.run(
      `INSERT INTO \`${api}\`.cell_mappings (uuid, name, transport_url, database_connection) VALUES (?, ?, ?, ?)`,
      [uuid, `cell${uuid}`, transport, url],
    )
  await side.sh(
    `mkdir -p /etc/nova; printf '[DEFAULT]\\ntransport_url = rabbit://u:p@a:1/\\n[database]\\nconnection = mysql://u:s3cr/t@h/${cell}\\n' > /etc/nova/nova.conf`,
  )
  await put('0', 'none:///', `mysql+pymysql://nova:s3cr?t#1@10.0.0.11/${cell0}?charset=utf8`)
  await put(
    '1',
    '{scheme}://{username}:{password}@{hostname}:{port}/',
    `mysql+pymysql://nova:s3c/r@t@10.0.0.11/${cell}`,
  )
  expect(await ask()).toEqual([])
  await put('2', 'rabbit://{username2}:x@h/', 'mysql+pymysql://nova:s3cr?t/1@10.0.0.11/nova_edge?charset=utf8')
  await put('3', 'rabbit://nova:s3cr/t@h/', 'mysql://nova:s3cr@h/x?y@h/z')
  const found = await ask()
  expect(found).toEqual([
    'block: cell cell2 keeps its servers in nova_edge, a database that swapctl does not copy',
    'block: cell cell2, transport_url: a template with {username2}, which nova.conf does not define',
    expect.stringMatching(/^block: cell cell3, transport_url: a URL whose password hides where the host begins/),
    expect.stringMatching(/^block: cell cell3, database_connection: a URL whose password hides where the host begins/),
  ])
  expect(found.join()).not.toMatch(/s3cr|nova:/)
})

test('source/urls: a URL in a file where host and password cannot be told apart', async () => {
  const with_ = { ...context('x', 'nova'), recipes: [novaRecipe] }
  await side.sh(
    "mkdir -p /etc/nova; printf '[database]\\nconnection = mysql://nova:s3cr@t@h/nova\\n' > /etc/nova/nova.conf",
  )
  expect(await find(urlChecks, 'source/urls', with_)).toEqual([])
  await side.sh("printf '[database]\\nconnection = mysql://no/va:s3cr@h/nova\\n' > /etc/nova/nova.conf")
  expect(await find(urlChecks, 'source/urls', { ...with_ })).toEqual([
    'block: /etc/nova/nova.conf, [database] connection: the password of this URL hides where the host begins',
  ])
})

test('compute/stray-guests: a guest that runs although nova has deleted it', async () => {
  const db = await server.db()
  const nova = await load(server, db, 'victoria/nova')
  const uuid = randomUUID()
  const with_ = context(nova, 'nova')
  const ours = { ...with_, config: { ...settings, computes: [{ ...settings.source.machines[0], name: 'c1' }] } }
  await server.load(nova, `SET sql_mode = ''; INSERT INTO instances (uuid, deleted) VALUES ('${uuid}', 0)`)
  // Other guests of this machine are ignored.
  const says = async () => (await find(novaChecks, 'compute/stray-guests', ours)).filter((one) => one.includes(uuid))
  const pid = await side.sh(
    `bash -c 'exec -a qemu-system-x86_64 sh -c "sleep 600; :" guest -uuid ${uuid}' >/dev/null 2>&1 & echo $!`,
  )
  try {
    await side.sh(`for n in $(seq 100); do ps -ww -p ${pid} -o args= | grep -q ^qemu && break; sleep 0.1; done`)
    expect(await says()).toEqual([])
    await server.load(nova, `UPDATE instances SET deleted = id WHERE uuid = '${uuid}'`)
    expect(await says()).toEqual([
      expect.stringMatching(/^warn: c1 has guests that nova has deleted or does not know: /),
    ])
  } finally {
    await side.sh(`pkill -P ${pid}; kill ${pid}`)
  }
})
