import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportChecks } from '../../src/checks/exports.ts'
import { heatChecks } from '../../src/checks/heat.ts'
import { keyChecks } from '../../src/checks/keys.ts'
import { migrationChecks } from '../../src/checks/migrations.ts'
import { novaChecks } from '../../src/checks/nova.ts'
import { structureChecks } from '../../src/checks/structure.ts'
import { lendDatabase, withDatabase } from '../../src/hosts/db.ts'
import { blockers } from '../../src/releases/blockers/index.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { askChecks, type Check, type CheckContext } from '../../src/source/check.ts'
import type { Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { load, startFast } from './historic.ts'
import { cases } from './historic-cases.ts'
import type { Server } from './mariadb.ts'
import { type Side, startSide } from './sides.ts'

let server: Server
let side: Side
beforeAll(async () => {
  server = await startFast()
  side = await startSide('source', ['/etc/keystone', '/etc/heat', '/etc/cinder', '/usr/local/sbin'], server.host)
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
  recipes: [],
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
    says: /^block: the database cloud is utf8mb4, and all of its tables are latin1,utf8(mb3)?$/,
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

test.each(structures)('$id: silent, and seen failing', async ({ id, silent, fires, says }) => {
  const db = await server.db()
  await db.run('CREATE OR REPLACE DATABASE cloud CHARACTER SET utf8')
  await server.load('cloud', silent)
  expect(await find(structureChecks, id, context('cloud', 'nova'))).toEqual([])
  await server.load('cloud', fires)
  expect(await find(structureChecks, id, context('cloud', 'nova'))).toEqual([expect.stringMatching(says)])
})

test('every check of structures has its case', () => {
  expect(structures.map(({ id }) => id)).toEqual(structureChecks.map(({ id }) => id))
})

test('keystone/credential-keys: credentials of a key that is gone', async () => {
  const db = await server.db()
  const keystone = await load(server, db, 'victoria/keystone')
  const insert = (id: string, key: string) =>
    server.load(
      keystone,
      `INSERT INTO credential (id, user_id, encrypted_blob, type, key_hash) VALUES ('${id}', 'u', 'x', 'totp', '${createHash('sha1').update(key).digest('hex')}')`,
    )
  const of = context(keystone, 'keystone')
  expect(await find(keyChecks, 'keystone/credential-keys', of)).toEqual([])
  await side.sh("mkdir /etc/keystone/credential-keys; printf 'first' > /etc/keystone/credential-keys/1")
  await insert('a', 'first')
  expect(await find(keyChecks, 'keystone/credential-keys', of)).toEqual([])
  await insert('b', 'thrown away')
  expect(await find(keyChecks, 'keystone/credential-keys', of)).toEqual([
    'block: 1 credentials are encrypted with a key that is not in /etc/keystone/credential-keys of the source',
  ])
})

/** As tgt says it, shortened. */
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

test('cinder/exports: what tgt exports and what the rows say, each without the other', async () => {
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
  const found = () => find(exportChecks, 'cinder/exports', of)
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
    `warn: tgt on the source does not export volumes in use as their provider_location says: a (nobody at ${portal})`,
  ])
  await side.sh(tgtSays([iqn('a'), 'iqn.2001-01.example:backup'], [portal]))
  expect(await found()).toEqual([
    'warn: tgt on the source exports what is the provider_location of no volume and no snapshot: iqn.2001-01.example:backup',
  ])
  // Another prefix since: both are true.
  await side.sh(tgtSays(['iqn.2026-01.example:volume-a'], [portal]))
  expect(await found()).toHaveLength(2)
  await side.sh("sed -i 's/tgtadm/lioadm/' /etc/cinder/cinder.conf")
  expect(await found()).toEqual([])
})

test('a migration that refuses rows is a check of its own, asked of the databases on whose way it lies', async () => {
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

test('each of these has its case among the migrations that refuse rows', () => {
  expect(migrationChecks.map(({ id }) => id)).toEqual(blockers.map(({ id }) => id))
  expect(new Set(cases.map(({ id }) => id))).toEqual(new Set(migrationChecks.map(({ id }) => id)))
})

test('everybody who reads is lent one connection, and a question that takes too long is ended by the server', async () => {
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

test('a database that cannot be reached is a finding of each check that asks it, and no crash', async () => {
  const { host, close } = lendDatabase({ ...side.host, socket: () => Promise.reject(new Error('nobody listens')) })
  const found = await askChecks(structureChecks, { ...context('cloud', 'nova'), hosts: () => host })
  await close()
  expect(found.map(({ id, level }) => [id, level])).toEqual(structureChecks.map(({ id }) => [id, 'block']))
  for (const { says } of found) expect(says).toContain('nobody listens')
})

test('heat/stack-domain: the domain of the settings, as the keystone of two releases keeps domains', async () => {
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
      expect.stringMatching(/^block: stack_user_domain_id in \S+ is d1, and keystone has no/),
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

test('placement/inside-nova: tables that left nova_api with stein, and are still there', async () => {
  const db = await server.db()
  const [old, own] = [await load(server, db, 'rocky/nova_api'), await load(server, db, 'stein/placement')]
  const alone = context(old, 'nova_api')
  expect(await find(novaChecks, 'placement/inside-nova', alone)).toEqual([])
  await server.load(old, "INSERT INTO resource_providers (uuid, name) VALUES ('u', 'cmp1')")
  expect(await find(novaChecks, 'placement/inside-nova', alone)).toEqual([
    `block: 1 resource providers are in ${old}, and placement has no database of its own`,
  ])
  // What the split left behind there is nobody's.
  const services = [...alone.survey.services, ...context(own, 'placement').survey.services]
  const split = { ...alone, survey: { ...alone.survey, services } as Survey }
  expect(await find(novaChecks, 'placement/inside-nova', split)).toEqual([])
})

test('compute/stray-guests: one that runs although nova has deleted it', async () => {
  const db = await server.db()
  const nova = await load(server, db, 'victoria/nova')
  const uuid = randomUUID()
  const with_ = context(nova, 'nova')
  const ours = { ...with_, config: { ...settings, computes: [{ ...settings.source, name: 'c1' }] } }
  await server.load(nova, `SET sql_mode = ''; INSERT INTO instances (uuid, deleted) VALUES ('${uuid}', 0)`)
  // What other guests this machine may have is not looked at.
  const says = async () => (await find(novaChecks, 'compute/stray-guests', ours)).filter((one) => one.includes(uuid))
  const pid = await side.sh(
    `bash -c 'exec -a qemu-system-x86_64 sh -c "sleep 600; :" guest -uuid ${uuid}' >/dev/null 2>&1 & echo $!`,
  )
  try {
    await side.sh(`for n in $(seq 100); do ps -ww -p ${pid} -o args= | grep -q ^qemu && break; sleep 0.1; done`)
    expect(await says()).toEqual([])
    await server.load(nova, `UPDATE instances SET deleted = id WHERE uuid = '${uuid}'`)
    expect(await says()).toEqual([expect.stringMatching(/^warn: c1 has guests that nova has deleted or never knew: /)])
  } finally {
    await side.sh(`pkill -P ${pid}; kill ${pid}`)
  }
})
