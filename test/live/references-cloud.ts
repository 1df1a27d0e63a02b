import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Context } from '../../src/context.ts'
import type { Host } from '../../src/hosts/host.ts'
import { recipes } from '../../src/services/index.ts'
import type { Survey } from '../../src/survey.ts'
import type { Server } from './mariadb.ts'

/** Names that no service has by default, so rules must take them from the survey. */
export const databases = {
  keystone: 'keystone',
  glance: 'glance',
  placement: 'placement',
  nova_api: 'nova_api',
  nova_cell0: 'nova_cell0',
  nova: 'no`va $name',
  neutron: 'neutron',
  cinder: 'cinder',
  heat: 'heat',
  barbican: 'barbican',
} as const
export type Short = keyof typeof databases

const services: Readonly<Record<string, readonly Short[]>> = {
  keystone: ['keystone'],
  glance: ['glance'],
  placement: ['placement'],
  neutron: ['neutron'],
  cinder: ['cinder'],
  nova: ['nova_api', 'nova_cell0', 'nova'],
  heat: ['heat'],
  barbican: ['barbican'],
}

export const quoted = (short: Short): string => `\`${databases[short].replaceAll('`', '``')}\``

/** Runs statements with short database names: {nova}.instances. */
export const run = async (server: Server, ...statements: readonly string[]): Promise<void> => {
  const db = await server.db()
  await db.run("SET SESSION foreign_key_checks = 0, sql_mode = ''")
  for (const sql of statements)
    await db.run(sql.replaceAll(/\{(\w+)\}/g, (all, short: Short) => (short in databases ? quoted(short) : all)))
}

/** A release's schemas, from its own migrations. */
export const loadRelease = async (server: Server, release: string, charset: string): Promise<void> => {
  for (const short of Object.keys(databases) as Short[]) {
    await run(server, `CREATE DATABASE {${short}} CHARACTER SET ${charset}`)
    const file = new URL(
      `../fixtures/historic-schemas/${release}/${short === 'nova_cell0' ? 'nova' : short}.sql.gz`,
      import.meta.url,
    )
    await server.load(databases[short], gunzipSync(readFileSync(file)))
  }
}

/** A small cloud without dangling references. `host`: its controller; `images`: the folder of its images. */
export const populate = (server: Server, host: string, images: string): Promise<void> =>
  run(
    server,
    "INSERT INTO {keystone}.project (id, name, domain_id, enabled) VALUES ('p1', 'demo', 'default', 1), ('default', 'Default', '<<keystone.domain.root>>', 1), ('<<keystone.domain.root>>', 'root', '<<keystone.domain.root>>', 0) ON DUPLICATE KEY UPDATE enabled = 1",
    "UPDATE {keystone}.project SET domain_id = '<<keystone.domain.root>>'",
    "INSERT INTO {keystone}.user (id, domain_id) VALUES ('u1', 'default')",
    "INSERT INTO {keystone}.role (id, name, domain_id) VALUES ('r1', 'member', '<<null>>')",
    "INSERT INTO {keystone}.assignment (type, actor_id, target_id, role_id, inherited) VALUES ('UserProject', 'u1', 'p1', 'r1', 0)",
    "INSERT INTO {keystone}.credential (id, user_id, type, encrypted_blob, key_hash) VALUES ('c1', 'u1', 'ec2', 'x', 'y')",
    "INSERT INTO {keystone}.application_credential (id, name, user_id, project_id, secret_hash) VALUES ('ac1', 'a', 'u1', 'p1', 'x')",
    "INSERT INTO {keystone}.trust (id, trustor_user_id, trustee_user_id, project_id) VALUES ('tr1', 'u1', 'heat', 'p1')",
    "INSERT INTO {nova_api}.cell_mappings (id, uuid, name, database_connection) VALUES (1, 'cell0', 'cell0', 'mysql+pymysql://n:p?/a@h/nova_cell0?charset=utf8'), (2, 'cell1', 'one', 'mysql+pymysql://n:p@h/no`va $name'), (3, 'cell2', 'two', '{scheme}://{username}@{hostname}/{path}?{query}')",
    "INSERT INTO {nova_api}.instance_mappings (instance_uuid, cell_id, project_id, queued_for_delete) VALUES ('i0', 1, 'p1', 0), ('i1', 2, 'p1', 0), ('gone', 2, 'p1', 1)",
    "INSERT INTO {nova_api}.host_mappings (cell_id, host) VALUES (2, 'cmp1')",
    "INSERT INTO {nova_cell0}.instances (id, uuid, project_id, vm_state, deleted) VALUES (1, 'i0', 'p1', 'error', 0)",
    "INSERT INTO {nova_cell0}.instance_info_caches (instance_uuid, network_info, deleted) VALUES ('i0', '[]', 0)",
    `INSERT INTO {nova}.services (id, host, \`binary\`, deleted) VALUES (1, '${host}', 'nova-conductor', 0), (2, 'cmp1', 'nova-compute', 0), (3, 'older', 'nova-conductor', 3)`,
    "INSERT INTO {nova}.compute_nodes (id, uuid, host, hypervisor_hostname, deleted) VALUES (1, 'cn1', 'cmp1', 'cmp1.example', 0)",
    "INSERT INTO {nova}.instances (id, uuid, project_id, host, node, vm_state, image_ref, deleted) VALUES (1, 'i1', 'p1', 'cmp1', 'cmp1.example', 'active', 'im1', 0), (2, 'dead', 'p-gone', 'cmp9', 'cmp9', 'deleted', '', 2)",
    `INSERT INTO {nova}.instance_info_caches (instance_uuid, network_info, deleted) VALUES ('i1', '[{"id": "00000000-0000-4000-8000-000000000001", "address": "fa:16"}]', 0)`,
    "INSERT INTO {nova}.block_device_mapping (id, instance_uuid, device_name, volume_id, attachment_id, source_type, destination_type, deleted) VALUES (1, 'i1', '/dev/vdb', 'v1', 'at1', 'volume', 'volume', 0), (2, 'dead', '/dev/vdb', 'v-gone', 'x', 'volume', 'volume', 2)",
    "INSERT INTO {cinder}.volume_types (id, name, deleted) VALUES ('vt1', 'gold', 0)",
    `INSERT INTO {cinder}.volumes (id, project_id, host, status, volume_type_id, deleted) VALUES ('v1', 'p1', '${host}@lvm#lvm', 'in-use', 'vt1', 0), ('v0', 'p1', '${host}@lvm#lvm', 'available', 'vt1', 0)`,
    "INSERT INTO {cinder}.volume_attachment (id, volume_id, instance_uuid, attach_status, deleted) VALUES ('at1', 'v1', 'i1', 'attached', 0)",
    "INSERT INTO {cinder}.snapshots (id, volume_id, volume_type_id, deleted) VALUES ('s1', 'v1', 'vt1', 0)",
    `INSERT INTO {cinder}.services (id, host, \`binary\`, deleted) VALUES (1, '${host}@lvm', 'cinder-volume', 0)`,
    ...neutron,
    "INSERT INTO {placement}.resource_providers (id, uuid, name, root_provider_id) VALUES (1, 'cn1', 'cmp1.example', 1), (2, 'nested', 'cmp1.example_pci', 1)",
    "INSERT INTO {placement}.projects (id, external_id) VALUES (1, 'p1')",
    "INSERT INTO {placement}.users (id, external_id) VALUES (1, 'u1')",
    "INSERT INTO {placement}.consumers (id, uuid, project_id, user_id) VALUES (1, 'i1', 1, 1)",
    "INSERT INTO {placement}.allocations (id, resource_provider_id, consumer_id, used) VALUES (1, 1, 'i1', 1), (2, 2, 'i1', 1)",
    "INSERT INTO {glance}.images (id, owner, size, status, visibility, checksum, os_hash_algo, os_hash_value, deleted) VALUES ('im1', 'p1', 3, 'active', 'public', MD5('abc'), 'sha512', SHA2('abc', 512), 0), ('im2', 'p1', 3, 'active', 'public', MD5('abc'), NULL, NULL, 0), ('im3', 'p1', 3, 'active', 'public', 'x', NULL, NULL, 0)",
    `INSERT INTO {glance}.image_locations (image_id, value, deleted) VALUES ('im1', 'file://${images}/im1', 0), ('im2', 'file://${images}/im2', 0), ('im3', 'rbd://pool/im3', 0)`,
    "INSERT INTO {heat}.raw_template (id, template) VALUES (1, '{}')",
    "INSERT INTO {heat}.user_creds (id, trust_id, trustor_user_id, tenant_id, auth_url) VALUES (1, 'encrypted', 'u1', 'p1', 'x')",
    "INSERT INTO {heat}.stack (id, name, raw_template_id, user_creds_id, stack_user_project_id) VALUES ('st1', 'stack', 1, 1, 'p1')",
    `INSERT INTO {heat}.service (id, host, hostname, engine_id, \`binary\`) VALUES ('e1', '${host}', '${host}', 'e', 'heat-engine')`,
    ...barbican,
  )

const made = 'created_at, updated_at, status, deleted'
const barbican: readonly string[] = [
  `INSERT INTO {barbican}.projects (id, external_id, ${made}) VALUES ('bp1', 'p1', NOW(), NOW(), 'ACTIVE', 0)`,
  `INSERT INTO {barbican}.kek_data (id, plugin_name, project_id, active, bind_completed, ${made}) VALUES ('k1', 'a.SimpleCryptoPlugin', 'bp1', 1, 1, NOW(), NOW(), 'ACTIVE', 0)`,
  `INSERT INTO {barbican}.secrets (id, project_id, ${made}) VALUES ('sec1', 'bp1', NOW(), NOW(), 'ACTIVE', 0), ('sec2', 'bp1', NOW(), NOW(), 'ACTIVE', 0)`,
  `INSERT INTO {barbican}.encrypted_data (id, secret_id, kek_id, ${made}) VALUES ('en1', 'sec1', 'k1', NOW(), NOW(), 'ACTIVE', 0)`,
  `INSERT INTO {barbican}.containers (id, project_id, ${made}) VALUES ('con1', 'bp1', NOW(), NOW(), 'ACTIVE', 0)`,
  "INSERT INTO {cinder}.volumes (id, project_id, volume_type_id, encryption_key_id, deleted) VALUES ('v-sealed', 'p1', 'vt1', 'sec1', 0), ('v-fixed', 'p1', 'vt1', '00000000-0000-0000-0000-000000000000', 0)",
]

const port = '00000000-0000-4000-8000-00000000000'
const neutron: readonly string[] = [
  "INSERT IGNORE INTO {neutron}.standardattributes (id, resource_type) VALUES (1, 'x'), (2, 'x'), (3, 'x'), (4, 'x'), (5, 'x'), (6, 'x'), (7, 'x'), (8, 'x')",
  "INSERT INTO {neutron}.networks (id, project_id, standard_attr_id) VALUES ('net1', 'p1', 1)",
  `INSERT INTO {neutron}.ports (id, mac_address, project_id, network_id, device_id, device_owner, standard_attr_id) VALUES
    ('${port}1', 'm1', 'p1', 'net1', 'i1', 'compute:nova', 2), ('${port}2', 'm2', 'p1', 'net1', 'ro1', 'network:router_interface', 3),
    ('${port}3', 'm3', 'p1', 'net1', 'fip1', 'network:floatingip', 4), ('${port}4', 'm4', 'p1', 'net1', 'dhcp0-net1', 'network:dhcp', 5),
    ('${port}5', 'm5', 'p1', 'net1', '', '', 6)`,
  `INSERT INTO {neutron}.ml2_port_bindings (port_id, host, status) VALUES ('${port}1', 'cmp1', 'ACTIVE'), ('${port}5', '', 'ACTIVE')`,
  `INSERT INTO {neutron}.ipallocations (port_id, ip_address, subnet_id, network_id) VALUES ('${port}1', '10.0.0.5', 'sn1', 'net1')`,
  "INSERT INTO {neutron}.subnets (id, network_id, standard_attr_id) VALUES ('sn1', 'net1', 9)",
  "INSERT IGNORE INTO {neutron}.standardattributes (id, resource_type) VALUES (9, 'x')",
  "INSERT INTO {neutron}.routers (id, project_id, standard_attr_id) VALUES ('ro1', 'p1', 7)",
  `INSERT INTO {neutron}.floatingips (id, project_id, floating_port_id, fixed_port_id, fixed_ip_address, router_id, standard_attr_id) VALUES ('fip1', 'p1', '${port}3', '${port}1', '10.0.0.5', 'ro1', 8)`,
  "INSERT INTO {neutron}.agents (id, host, `binary`) VALUES ('ag1', 'cmp1', 'neutron-dhcp-agent')",
  "INSERT INTO {neutron}.networkdhcpagentbindings (network_id, dhcp_agent_id) VALUES ('net1', 'ag1')",
  "INSERT INTO {neutron}.routerl3agentbindings (router_id, l3_agent_id) VALUES ('ro1', 'ag1')",
  "INSERT IGNORE INTO {neutron}.standardattributes (id, resource_type) VALUES (10, 'x')",
  "INSERT INTO {neutron}.securitygroups (id, project_id, standard_attr_id) VALUES ('sg1', 'p1', 10)",
  `INSERT INTO {neutron}.securitygroupportbindings (port_id, security_group_id) VALUES ('${port}1', 'sg1')`,
]

/** A swap between these two servers, with controllers named `src` and `dst`. */
export const cloudContext = (source: Host, target: Host, state: string, only = Object.keys(services)): Context => {
  const survey = {
    source: { hostname: 'src' },
    target: { hostname: 'dst' },
    services: only.map((name) => ({
      name,
      databases: (services[name] ?? []).map((short) => ({
        name: databases[short],
        repo: short === 'nova_cell0' ? 'nova' : short,
      })),
    })),
  } as unknown as Survey
  return {
    config: { state } as Context['config'],
    survey,
    hosts: (name) => (name === 'source' ? source : target),
    recipes: recipes.filter(({ name }) => only.includes(name)),
  }
}
