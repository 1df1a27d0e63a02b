import { owned } from '../keystone/owned.ts'
import { oldHost, type Reference, type Rows, text } from '../reference.ts'

/** nova marks a deleted row with its own id. */
const alive = 'deleted = 0'

export const instances = { repo: 'nova', from: '$.instances', key: 'uuid', where: alive } as const satisfies Rows

/**
 * The database in a cell's URL, as the target's SQLAlchemy parses it: a password ends at the first '@', and may contain
 * '?' and '/' before that.
 */
const urlDatabase =
  "SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING(c.database_connection, LOCATE('@', c.database_connection) + 1), '?', 1), '/', -1)"
const firstPort = String.raw`'^\\[\\{"id": "[0-9a-f-]{36}'`
const plain = "c.database_connection NOT LIKE '%{%'"

export const novaReferences: readonly Reference[] = [
  {
    id: 'nova/instance-mapping',
    services: ['nova'],
    what: 'instance',
    rows: { ...instances, id: 'uuid' },
    to: [{ repo: 'nova_api', from: '$.instance_mappings', key: 'instance_uuid', where: 'cell_id IS NOT NULL' }],
    says: 'is mapped to no cell: the API does not find it',
  },
  {
    id: 'nova/instance-cell',
    services: ['nova'],
    what: 'instance mapped to the cell of a database',
    rows: {
      repo: 'nova_api',
      from: '$.instance_mappings m JOIN $.cell_mappings c ON c.id = m.cell_id',
      id: 'm.instance_uuid',
      key: `CONCAT_WS(' ', m.instance_uuid, ${urlDatabase})`,
      where: `COALESCE(m.queued_for_delete, 0) = 0 AND ${plain}`,
    },
    to: [{ repo: 'nova', from: '$.instances', key: "CONCAT_WS(' ', uuid, $name)" }],
    says: 'is not in the database that its cell names: KEY',
  },
  {
    id: 'nova/cell-database',
    services: ['nova'],
    what: 'cell',
    rows: { repo: 'nova_api', from: '$.cell_mappings c', id: 'c.uuid', key: urlDatabase, where: plain },
    to: [{ repo: 'nova_api', from: 'information_schema.schemata', key: 'schema_name' }],
    says: 'leads to database KEY, which is not on this server',
  },
  {
    id: 'nova/compute-mapping',
    services: ['nova'],
    what: 'nova-compute on',
    rows: {
      repo: 'nova',
      from: '$.services',
      id: 'host',
      key: 'host',
      where: `${alive} AND \`binary\` = 'nova-compute'`,
    },
    to: [{ repo: 'nova_api', from: '$.host_mappings', key: 'host' }],
    says: 'is mapped to no cell: nothing is scheduled to it',
  },
  {
    id: 'nova/node-service',
    services: ['nova'],
    what: 'compute node',
    rows: { repo: 'nova', from: '$.compute_nodes', id: 'uuid', key: 'host', where: `${alive} AND host IS NOT NULL` },
    to: [{ repo: 'nova', from: '$.services', key: 'host', where: `${alive} AND \`binary\` = 'nova-compute'` }],
    says: 'is on host KEY, which has no nova-compute',
  },
  {
    id: 'nova/instance-node',
    services: ['nova'],
    what: 'instance',
    rows: {
      repo: 'nova',
      from: '$.instances',
      id: 'uuid',
      key: "CONCAT_WS(' ', host, node)",
      where: `${alive} AND host IS NOT NULL AND node IS NOT NULL`,
    },
    to: [{ repo: 'nova', from: '$.compute_nodes', key: "CONCAT_WS(' ', host, hypervisor_hostname)", where: alive }],
    says: 'runs on KEY (host and node), which is no compute node',
  },
  {
    id: 'nova/info-cache',
    services: ['nova'],
    what: 'instance',
    rows: { ...instances, id: 'uuid' },
    to: [{ repo: 'nova', from: '$.instance_info_caches', key: 'instance_uuid', where: alive }],
    says: 'has no row in instance_info_caches: its addresses are not listed',
  },
  {
    id: 'nova/info-cache-port',
    services: ['nova', 'neutron'],
    what: 'instance',
    rows: {
      repo: 'nova',
      from: '$.instances i JOIN $.instance_info_caches c ON c.instance_uuid = i.uuid AND c.deleted = 0',
      id: 'i.uuid',
      // the first one: a list of interfaces, each beginning with its port's id
      key: `SUBSTR(REGEXP_SUBSTR(c.network_info, ${firstPort}), 10)`,
      where: `i.deleted = 0 AND c.network_info RLIKE ${firstPort}`,
    },
    to: [{ repo: 'neutron', from: '$.ports', key: 'id' }],
    says: 'shows port KEY, which neutron does not have',
  },
  {
    id: 'nova/device-instance',
    services: ['nova'],
    what: 'block device mapping',
    rows: {
      repo: 'nova',
      from: '$.block_device_mapping',
      id: 'id',
      key: 'instance_uuid',
      where: `${alive} AND instance_uuid IS NOT NULL`,
    },
    to: [instances],
    says: 'belongs to instance KEY, which does not live',
  },
  {
    id: 'nova/service-host',
    services: ['nova'],
    what: 'service',
    rows: {
      repo: 'nova',
      from: '$.services',
      id: "CONCAT(`binary`, ' on ', host)",
      key: 'host',
      where: `${alive} AND \`binary\` <> 'nova-compute' AND ${text('host')} = ${oldHost}`,
    },
    to: [],
    says: 'names the old controller, which no longer serves',
  },
  owned('nova', 'instance', { ...instances, id: 'uuid', key: 'project_id' }),
]
