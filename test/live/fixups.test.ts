import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyFixup, previewFixup, rewriteDatabase } from '../../src/fixups/apply.ts'
import { cellsLeadTo } from '../../src/fixups/cells-lead-to.ts'
import { fixupNamed } from '../../src/fixups/index.ts'
import type { Db } from '../../src/hosts/db.ts'
import { addressArgs, addressMap } from '../../src/rewrite/address-map.ts'
import { rewriteConnection } from '../../src/rewrite/portals.ts'
import { type Server, startMariadb } from './mariadb.ts'

let server: Server
let root: Db

/** Tables from a release's own migrations with the fixture's rows; only some, because all of them take long. */
const load = async (database: string, fixture: string, ...tables: readonly string[]) => {
  const name = `\`${database.replaceAll('`', '``')}\``
  await root.run(`DROP DATABASE IF EXISTS ${name}`)
  await root.run(`CREATE DATABASE ${name} CHARACTER SET utf8 COLLATE utf8_general_ci`)
  const file = await readFile(new URL(`../fixtures/historic-schemas/${fixture}.sql.gz`, import.meta.url))
  const statements = gunzipSync(file)
    .toString()
    .split(/;\n/)
    .filter((statement) =>
      tables.some((table) => new RegExp(`^(CREATE TABLE|INSERT INTO) \`${table}\` `).test(statement)),
    )
  expect(statements.length).toBeGreaterThanOrEqual(tables.length)
  await server.load(database, `SET foreign_key_checks = 0;\n${statements.join(';\n')};`)
}

const nova = ['instances', 'block_device_mapping', 'services'] as const
const cinder = [
  'volume_glance_metadata',
  'volumes',
  'snapshots',
  'volume_attachment',
  'backups',
  'services',
  'consistencygroups',
] as const

beforeAll(async () => {
  server = await startMariadb()
  root = await server.db()
  // Only the relevant rows, without their parents.
  await root.run('SET SESSION foreign_key_checks = 0')
})
afterAll(() => server?.stop())

const addresses = addressArgs([{ source: '10.30.0.11', target: '10.30.0.12' }])
const apply = (fixup: string, database: string, args: Readonly<Record<string, string>>) =>
  applyFixup({ kind: 'fixup', on: 'target', database, fixup, args }, server.host)

const connection = (portal: string, type = 'iscsi', name = 'v') =>
  `{"driver_volume_type": "${type}", "name": "${name}", "data": {"target_portal": "${portal}:3260", "auth_password": "s3cret", "qos_specs": null}}`

const insertMapping = (
  database: string,
  values: readonly (readonly [info: string | Buffer | null, deleted: number])[],
) =>
  root.run(
    `INSERT INTO ${database}.block_device_mapping (instance_uuid, device_name, connection_info, deleted) VALUES ` +
      values.map(() => "(UUID(), '/dev/vdb', ?, ?)").join(', '),
    values.flat(),
  )

test('portals of attached volumes: counted, previewed without a change, rewritten once, all else byte for byte', async () => {
  await load('nova', 'train/nova', ...nova)
  await insertMapping('nova', [
    [connection('10.30.0.11'), 0],
    [connection('10.30.0.11', 'iscsi', 'Zoë проект-δ \\"quoted\\" it\'s \\\\'), 0],
    [connection('10.30.0.11'), 4],
    [connection('10.30.0.110'), 0],
    [connection('10.30.0.11', 'nvmeof'), 0],
    [connection('10.9.9.9'), 0],
    [null, 0],
  ])
  const db = await server.db('nova')
  const contents = () =>
    root.rows('SELECT id, HEX(connection_info) AS hex, updated_at, deleted FROM nova.block_device_mapping')
  const before = await contents()
  const [preview] = await previewFixup(db, fixupNamed('iscsi-portal'), 'nova', addresses)
  expect(preview).toMatchObject({ table: 'block_device_mapping', matched: 5, changed: 3, softDeleted: 1 })
  expect(preview?.examples).toHaveLength(3)
  const [was, is] = preview?.examples[0] ?? ['', '']
  expect(was).toMatch(/^id 1: connection_info ….*"target_portal": "10\.30\.0\.11:3260".*…$/)
  expect(is).toBe(was.replace('0.11:3260', '0.12:3260'))
  expect(JSON.stringify(preview)).not.toContain('s3cret')
  expect(await contents()).toEqual(before)

  expect(await apply('iscsi-portal', 'nova', addresses)).toBe(
    'iscsi-portal: 3 of 5 rows in block_device_mapping (1 soft-deleted); driver_volume_type nvmeof names 10.30.0.11: not rewritten (1 rows)',
  )
  const [old, fresh] = ['10.30.0.11:', '10.30.0.12:'].map((text) => Buffer.from(text).toString('hex').toUpperCase())
  expect(await contents()).toEqual(
    before.map((row) => {
      const { id, hex } = row as { id: number; hex: string | null }
      return id <= 3 ? { ...(row as object), hex: hex?.replace(old ?? '', fresh ?? '') } : row
    }),
  )
  expect(await apply('iscsi-portal', 'nova', addresses)).toMatch(/: 0 of 2 rows/)
})

test('a latin1 database with text that is not UTF-8 keeps every other byte', async () => {
  await load('nova_latin', 'train/nova', ...nova)
  await root.run('ALTER TABLE nova_latin.block_device_mapping MODIFY connection_info MEDIUMTEXT CHARACTER SET latin1')
  const bytes = Buffer.from([0xff, 0xc3, 0x28, 0x81, 0x8d, 0xe9, 0x80])
  const hex = Buffer.concat([
    Buffer.from('{"driver_volume_type": "iscsi", "name": "'),
    bytes,
    Buffer.from('", "target_portal": "10.30.0.11:3260"}'),
  ]).toString('hex')
  await server.load(
    'nova_latin',
    `SET foreign_key_checks = 0; SET NAMES binary; INSERT INTO block_device_mapping (instance_uuid, connection_info, deleted) VALUES (UUID(), X'${hex}', 0)`,
  )
  expect(await apply('iscsi-portal', 'nova_latin', addresses)).toMatch(/: 1 of 1 rows/)
  const [row] = await root.rows<{ hex: string }>(
    'SELECT HEX(connection_info) AS hex FROM nova_latin.block_device_mapping',
  )
  expect(row?.hex.toLowerCase()).toBe(
    hex.replace(Buffer.from('10.30.0.11:').toString('hex'), Buffer.from('10.30.0.12:').toString('hex')),
  )
})

test('the rows of a Kilo cloud: nova and cinder no longer name the old portal', async () => {
  await load('nova', 'rows/kilo/nova', ...nova)
  await load('cinder', 'rows/kilo/cinder', ...cinder.filter((table) => table !== 'volume_attachment'))
  const args = addressArgs([{ source: '192.0.2.5', target: '192.0.2.6' }])
  expect(await apply('iscsi-portal', 'nova', args)).toBe('iscsi-portal: 2 of 2 rows in block_device_mapping')
  // Kilo has no volume_attachment.connection_info.
  expect(await apply('iscsi-portal', 'cinder', args)).toBe(
    'iscsi-portal: 3 of 3 rows in volumes, 0 of 0 rows in snapshots',
  )
  for (const [database, table, column] of [
    ['nova', 'block_device_mapping', 'connection_info'],
    ['cinder', 'volumes', 'provider_location'],
  ])
    expect(await root.rows(`SELECT id FROM ${database}.${table} WHERE ${column} LIKE '%192.0.2.5:%'`)).toEqual([])
})

const volume = (id: string, host: string | null, more = '') =>
  `INSERT INTO cinder.volumes SET id = '${id}', host = ${host === null ? 'NULL' : `'${host}'`}, volume_type_id = 't', deleted = 0${more}`
const service = (binary: string, host: string, uuid: string, deleted = 0) =>
  `INSERT INTO cinder.services SET \`binary\` = '${binary}', host = '${host}', uuid = '${uuid}', report_count = 1, deleted = ${deleted}`

const loadCinder = async () => {
  await load('cinder', 'train/cinder', ...cinder, 'groups', 'image_volume_cache_entries')
  for (const statement of [
    service('cinder-volume', 'src@lvm', 'u-lvm'),
    service('cinder-volume', 'src@lvm', 'u-gone', 1),
    service('cinder-volume', 'src2@lvm', 'u-src2'),
    service('cinder-scheduler', 'src', 'u-scheduler'),
    service('cinder-backup', 'src', 'u-backup'),
    volume('v1', 'src@lvm#LVM', ", service_uuid = 'u-lvm'"),
    volume('v2', 'src2@lvm#LVM'),
    volume('v3', 'src.example@lvm#LVM'),
    volume('v4', null),
    "INSERT INTO cinder.backups SET id = 'b1', volume_id = 'v1', host = 'src', deleted = 0",
    "INSERT INTO cinder.groups SET id = 'g1', host = 'src@lvm#LVM', deleted = 0",
    "INSERT INTO cinder.image_volume_cache_entries SET host = 'src@lvm#LVM', image_id = 'i', volume_id = 'v1', size = 1, image_updated_at = NOW(), last_used = NOW()",
  ])
    await root.run(statement)
}

const args = { from: 'src', to: 'tgt' }

test('cinder hosts: every table with one, backend and pool kept, similar names left alone', async () => {
  await loadCinder()
  expect(await apply('cinder-host', 'cinder', args)).toBe(
    'cinder-host: 1 of 3 rows in volumes, 1 of 1 rows in backups, 0 of 0 rows in consistencygroups, 1 of 1 rows in groups, ' +
      '1 of 1 rows in image_volume_cache_entries, 2 of 5 rows in services',
  )
  expect(await root.rows('SELECT id, host FROM cinder.volumes ORDER BY id')).toEqual([
    { id: 'v1', host: 'tgt@lvm#LVM' },
    { id: 'v2', host: 'src2@lvm#LVM' },
    { id: 'v3', host: 'src.example@lvm#LVM' },
    { id: 'v4', host: null },
  ])
  expect(
    await root.rows(
      "SELECT s.host FROM cinder.volumes v JOIN cinder.services s ON s.uuid = v.service_uuid WHERE v.id = 'v1'",
    ),
  ).toEqual([{ host: 'tgt@lvm' }])
  expect(await apply('cinder-host', 'cinder', args)).not.toMatch(/: [1-9]| [1-9]\d* of/)
})

test('an existing service row of the new host stops it, and that table is unchanged', async () => {
  await loadCinder()
  await root.run(service('cinder-backup', 'tgt', 'u-new'))
  await expect(apply('cinder-host', 'cinder', args)).rejects.toThrow(
    'another row already has host tgt, binary cinder-backup',
  )
  expect(await root.rows("SELECT host FROM cinder.services WHERE uuid = 'u-lvm'")).toEqual([{ host: 'src@lvm' }])
})

test('a row that the server refuses rolls its whole table back', async () => {
  await loadCinder()
  await root.run(
    "INSERT INTO cinder.volumes (id, host, volume_type_id, deleted) SELECT CONCAT('w', seq), 'src@lvm#LVM', 't', 0 FROM cinder.seq_1000_to_1999",
  )
  await root.run(
    "CREATE TRIGGER cinder.no BEFORE UPDATE ON cinder.volumes FOR EACH ROW BEGIN IF NEW.id = 'w1990' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused here'; END IF; END",
  )
  await expect(apply('cinder-host', 'cinder', args)).rejects.toThrow('refused here')
  expect(await root.rows("SELECT COUNT(*) AS n FROM cinder.volumes WHERE host LIKE 'tgt@%'")).toEqual([{ n: 0 }])
})

test('stale services of four services, each in its own way; computes and the new controller are left alone', async () => {
  await loadCinder()
  await load('nova', 'train/nova', ...nova)
  await load('neutron', 'train/neutron', 'ports', 'agents')
  await load('heat', 'train/heat', 'raw_template', 'service')
  for (const [binary, host] of [
    ['nova-scheduler', 'src'],
    ['nova-conductor', 'src'],
    ['nova-compute', 'src'],
    ['nova-compute', 'cmp1'],
    ['nova-scheduler', 'src2'],
  ])
    await root.run(
      `INSERT INTO nova.services SET host = '${host}', \`binary\` = '${binary}', topic = UUID(), report_count = 1, deleted = 0, uuid = UUID()`,
    )
  for (const [binary, host] of [
    ['neutron-dhcp-agent', 'src'],
    ['neutron-l3-agent', 'src'],
    ['neutron-l3-agent', 'cmp1'],
  ])
    await root.run(
      `INSERT INTO neutron.agents SET id = UUID(), agent_type = '${binary}', \`binary\` = '${binary}', topic = 't', host = '${host}', created_at = NOW(), started_at = NOW(), heartbeat_timestamp = NOW(), configurations = ''`,
    )
  await root.run(
    "INSERT INTO heat.service SET id = 'e', engine_id = 'e', host = 'src', hostname = 'src', `binary` = 'heat-engine', topic = 't', report_interval = 60",
  )
  const stale = { ...args, at: '2026-11-20 18:00:00' }
  expect(await apply('stale-services', 'nova', stale)).toBe('stale-services: 2 of 3 rows in services')
  expect(await apply('stale-services', 'cinder', stale)).toBe('stale-services: 1 of 2 rows in services')
  expect(await apply('stale-services', 'neutron', stale)).toBe('stale-services: 2 of 2 rows in agents')
  expect(await apply('stale-services', 'heat', stale)).toBe('stale-services: 1 of 1 rows in service')
  expect(await root.rows('SELECT `binary`, host FROM nova.services WHERE deleted = 0 ORDER BY id')).toEqual([
    { binary: 'nova-compute', host: 'src' },
    { binary: 'nova-compute', host: 'cmp1' },
    { binary: 'nova-scheduler', host: 'src2' },
  ])
  expect(await root.rows('SELECT deleted = id AS own, deleted_at FROM nova.services WHERE deleted <> 0')).toEqual([
    { own: 1, deleted_at: stale.at },
    { own: 1, deleted_at: stale.at },
  ])
  expect(await root.rows('SELECT `binary`, host FROM neutron.agents ORDER BY host, `binary`')).toEqual([
    { binary: 'neutron-l3-agent', host: 'cmp1' },
  ])
  expect(await apply('stale-services', 'nova', stale)).toBe('stale-services: 0 of 3 rows in services')
})

test('afterwards cell mappings lead to the target, which the check confirms', async () => {
  await load('nova_api', 'train/nova_api', 'cell_mappings', 'host_mappings')
  await root.run(
    "INSERT INTO nova_api.cell_mappings (uuid, name, transport_url, database_connection) VALUES ('0', 'cell0', 'none:///', ?), ('1', 'проект', ?, ?)",
    [
      'mysql+pymysql://nova:p%40w@10.30.0.11/nova_cell0',
      "rabbit://o'x:p%23@10.30.0.11:5672/",
      '{scheme}://{username}:{password}@{hostname}/nova?{query}',
    ],
  )
  const rows = () => root.rows<Parameters<typeof cellsLeadTo>[0][number]>('SELECT * FROM nova_api.cell_mappings')
  const settings = { transport_url: 'rabbit://10.30.0.12', database_connection: 'mysql://10.30.0.12/nova' }
  const gate = async () => cellsLeadTo(await rows(), { addresses: ['10.30.0.12'], settings })
  expect(await gate()).toEqual([
    'cell cell0, database_connection: points to 10.30.0.11',
    'cell проект, transport_url: points to 10.30.0.11',
  ])
  expect(await apply('cell-mappings', 'nova_api', addresses)).toBe('cell-mappings: 2 of 2 rows in cell_mappings')
  expect(await gate()).toEqual([])
  expect((await rows())[1]?.transport_url).toBe("rabbit://o'x:p%23@10.30.0.12:5672/")
  // A password with a raw '@' is quoted even if no host changes; then nothing is left to do.
  await root.run("UPDATE nova_api.cell_mappings SET database_connection = 'mysql://u:s3@t@h/nova' WHERE uuid = '0'")
  expect(await apply('cell-mappings', 'nova_api', addresses)).toBe('cell-mappings: 1 of 1 rows in cell_mappings')
  expect((await rows())[0]?.database_connection).toBe('mysql://u:s3%40t@h/nova')
  expect(await apply('cell-mappings', 'nova_api', addresses)).toBe('cell-mappings: 0 of 0 rows in cell_mappings')
})

test('endpoints', async () => {
  await load('keystone', 'rows/kilo/keystone', 'credential', 'endpoint')
  const found = await root.rows<{ url: string }>('SELECT url FROM keystone.endpoint')
  const host = new URL(found[0]?.url.replace(/%\(.*$/, '') ?? '').hostname
  expect(await apply('keystone-endpoints', 'keystone', addressArgs([{ source: host, target: '203.0.113.9' }]))).toBe(
    `keystone-endpoints: ${found.length} of ${found.length} rows in endpoint`,
  )
  expect(await root.rows('SELECT url FROM keystone.endpoint')).toEqual(
    found.map(({ url }) => ({ url: url.replace(host, '203.0.113.9') })),
  )
})

test('every row that still names an old address is counted with a note, whatever its form', async () => {
  await load('nova', 'train/nova', ...nova)
  const portal = (member: string): [string, number] => [`{"driver_volume_type": "iscsi", "data": {${member}}}`, 0]
  await insertMapping('nova', [
    portal('"target_portal": "10.30.0.11"'),
    portal('"target_portal": "10.30.0.11:3260,1"'),
    portal('"discovery_portal": "10.30.0.11:3260"'),
    portal('"target_portals": "10.30.0.11:3260"'),
    portal('"device_path": ["/dev/disk/by-path/ip-10.30.0.11:3260-iscsi-iqn.x-lun-1"]'),
  ])
  expect(await apply('iscsi-portal', 'nova', addresses)).toBe(
    'iscsi-portal: 2 of 5 rows in block_device_mapping; ' +
      ['discovery_portal', 'target_portals', 'device_path']
        .map((member) => `connection_info data.${member} names 10.30.0.11: not rewritten (1 rows)`)
        .join('; '),
  )
  await load('keystone', 'victoria/keystone', 'credential', 'endpoint', 'service_provider')
  const urls = [' http://10.30.0.11:8774/v2.1', '10.30.0.11:9292', '//10.30.0.11/', 'http://h/10.30.0.11', 'http://h/']
  for (const [at, url] of urls.entries())
    await root.run("INSERT INTO keystone.endpoint (id, interface, service_id, url) VALUES (?, 'public', 's', ?)", [
      at,
      url,
    ])
  await root.run(
    "INSERT INTO keystone.service_provider (id, enabled, auth_url, sp_url, relay_state_prefix) VALUES ('p', 1, 'https://10.30.0.11:5000/v3', 'https://far/saml', 'x')",
  )
  expect(await apply('keystone-endpoints', 'keystone', addresses)).toBe(
    'keystone-endpoints: 1 of 4 rows in endpoint, 1 of 1 rows in service_provider; url names 10.30.0.11: not rewritten (3 rows)',
  )
})

test("URLs in other services' rows: images elsewhere, logins of stacks", async () => {
  await load('glance', 'victoria/glance', 'images', 'image_locations')
  await root.run(
    "INSERT INTO glance.image_locations (image_id, value, created_at, deleted, status) VALUES ('i', 'swift+http://t%3Au:k@10.30.0.11:5000/v3/c/o', NOW(), 0, 'active'), ('j', 'file:///var/10.30.0.11', NOW(), 0, 'active')",
  )
  expect(await apply('image-locations', 'glance', addresses)).toBe(
    'image-locations: 1 of 2 rows in image_locations; value names 10.30.0.11: not rewritten (1 rows)',
  )
  expect(await root.rows('SELECT value FROM glance.image_locations ORDER BY id LIMIT 1')).toEqual([
    { value: 'swift+http://t%3Au:k@10.30.0.12:5000/v3/c/o' },
  ])
  await load('heat', 'victoria/heat', 'raw_template', 'user_creds')
  await root.run("INSERT INTO heat.user_creds (auth_url) VALUES ('http://10.30.0.11:5000/v3'), (NULL)")
  expect(await apply('stack-credentials', 'heat', addresses)).toBe('stack-credentials: 1 of 1 rows in user_creds')
})

test('a fixup of another service does nothing, even when a table has the same name', async () => {
  await load('we`ird', 'train/nova', ...nova)
  await load('keystone', 'train/keystone', 'credential', 'endpoint', 'service')
  expect(await apply('cinder-host', 'we`ird', args)).toBe('cinder-host: none of its tables in we`ird')
  expect(await apply('iscsi-portal', 'we`ird', addresses)).toBe('iscsi-portal: 0 of 0 rows in block_device_mapping')
  expect(await apply('stale-services', 'keystone', { ...args, at: '2026-01-01 00:00:00' })).toMatch(
    /none of its tables/,
  )
})

/** 4000 rows of all sorts: few enough for the server to prefer a scan, enough for all writers. */
const loadMany = async (): Promise<readonly string[]> => {
  await load('nova', 'train/nova', ...nova)
  await root.run('ALTER TABLE nova.block_device_mapping MODIFY connection_info MEDIUMTEXT')
  const old = connection('10.30.0.11')
  const sorts = [
    old,
    old,
    old.replace('"auth_password": "s3cret"', '"auth_password": "10.30.0.11:3260"'),
    connection('10.30.0.11', 'iscsi', 'Zoë \\"quoted\\" \\\\'),
    connection('10.30.0.11', 'nvmeof'),
    connection('10.30.0.110'),
    `{"target_portal": "10.30.0.11:3260"`,
  ]
  const texts = Array.from({ length: 4000 }, (_, at) => {
    const name = at % 997 === 5 ? `${at} ${'x'.repeat(at % 2 === 0 ? 20_000 : 100_000)}` : `${at}`
    return (sorts[at % sorts.length] as string).replace('"name": "', `"name": "${name} `)
  })
  for (let at = 0; at < texts.length; at += 500)
    await insertMapping(
      'nova',
      texts.slice(at, at + 500).map((text) => [text, at % 3] as const),
    )
  return texts
}
const texts = async () =>
  (
    await root.rows<{ connection_info: string }>('SELECT connection_info FROM nova.block_device_mapping ORDER BY id')
  ).map((row) => row.connection_info)

test('killed half-way nothing is changed; run again, also after a part, every row is rewritten', async () => {
  const before = await loadMany()
  const meant = before.map((text) => rewriteConnection(text, addressMap(addresses)))
  // Another client locks a late row: earlier writes wait, uncommitted.
  const holder = await server.db()
  await holder.run('START TRANSACTION')
  await holder.run('SELECT id FROM nova.block_device_mapping WHERE id = 3921 FOR UPDATE')
  const run = expect(apply('iscsi-portal', 'nova', addresses)).rejects.toThrow()
  const waiting = async () =>
    (await root.rows("SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")).length > 0
  for (let tries = 0; tries < 400 && !(await waiting()); tries += 1) await new Promise((done) => setTimeout(done, 100))
  expect(await waiting()).toBe(true)
  const theirs = await root.rows<{ id: number }>("SELECT id FROM information_schema.processlist WHERE db = 'nova'")
  for (const { id } of theirs) await root.run(`KILL ${id}`).catch(() => 0)
  await holder.run('ROLLBACK')
  await run
  expect(await texts()).toEqual(before)

  await root.run(
    "UPDATE nova.block_device_mapping SET connection_info = REPLACE(connection_info, '\"10.30.0.11:', '\"10.30.0.12:') WHERE id % 7 = 1 AND id < 3000",
  )
  expect(await apply('iscsi-portal', 'nova', addresses)).toMatch(
    /^iscsi-portal: \d+ of \d+ rows in block_device_mapping/,
  )
  expect(await texts()).toEqual(meant)
  expect(await apply('iscsi-portal', 'nova', addresses)).toMatch(/: 0 of /)
})

test('a row that does not become what the rule gave stops it, and that table is unchanged', async () => {
  const before = await loadMany()
  await root.run(
    "CREATE TRIGGER nova.other BEFORE UPDATE ON nova.block_device_mapping FOR EACH ROW SET NEW.connection_info = IF(NEW.id = 3502, CONCAT(NEW.connection_info, ' '), NEW.connection_info)",
  )
  await expect(apply('iscsi-portal', 'nova', addresses)).rejects.toThrow('do not have their new values')
  expect(await texts()).toEqual(before)
})

test('40000 rows take seconds and little memory', async () => {
  await load('nova', 'train/nova', ...nova)
  await root.run(
    `INSERT INTO nova.block_device_mapping (instance_uuid, connection_info, deleted)
     SELECT UUID(), CONCAT('{"driver_volume_type": "iscsi", "pad": "', REPEAT('x', 4000), '", "data": {"target_portal": "10.30.0.11:3260", "n": ', seq, '}}'), 0 FROM nova.seq_1_to_40000`,
  )
  let peak = 0
  const base = process.memoryUsage().rss
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss - base)
  }, 50)
  const began = Date.now()
  const [result] = await rewriteDatabase(server.host, fixupNamed('iscsi-portal'), 'nova', addresses)
  clearInterval(watch)
  const seconds = (Date.now() - began) / 1000
  console.log(`40000 rows: ${seconds} s, ${Math.round(peak / 2 ** 20)} MiB more than before`)
  expect(result).toMatchObject({ matched: 40_000, changed: 40_000 })
  // The rows are 160 MB, so a run that kept them all in memory would fail.
  expect(peak).toBeLessThan(130 * 2 ** 20)
  expect(seconds).toBeLessThan(120)
  const [check] = await root.rows<{ n: number }>(
    `SELECT COUNT(*) AS n FROM nova.block_device_mapping WHERE connection_info = CONCAT('{"driver_volume_type": "iscsi", "pad": "', REPEAT('x', 4000), '", "data": {"target_portal": "10.30.0.12:3260", "n": ', id, '}}')`,
  )
  expect(check?.n).toBe(40_000)
})
