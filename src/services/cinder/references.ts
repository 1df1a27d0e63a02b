import { owned } from '../keystone/owned.ts'
import { instances } from '../nova/references.ts'
import { oldHost, type Reference, type Rows, text } from '../reference.ts'

/** cinder marks a deleted row with 1. */
const alive = 'deleted = 0'

const volumes = { repo: 'cinder', from: '$.volumes', key: 'id', where: alive } as const satisfies Rows

const devices = {
  repo: 'nova',
  from: '$.block_device_mapping',
  where: `${alive} AND destination_type = 'volume' AND volume_id IS NOT NULL AND instance_uuid IS NOT NULL`,
} as const

/** '<instance> /dev/vdb 12' */
const device = "CONCAT_WS(' ', instance_uuid, device_name, id)"

export const cinderReferences: readonly Reference[] = [
  {
    id: 'cinder/device-volume',
    services: ['nova', 'cinder'],
    what: 'block device of instance',
    rows: { ...devices, id: device, key: 'volume_id' },
    to: [volumes],
    says: 'is volume KEY, which cinder does not have',
  },
  {
    id: 'cinder/device-attachment',
    services: ['nova', 'cinder'],
    what: 'block device of instance',
    rows: {
      ...devices,
      id: device,
      key: "CONCAT_WS(' ', attachment_id, volume_id)",
      where: `${devices.where} AND attachment_id IS NOT NULL`,
    },
    to: [{ repo: 'cinder', from: '$.volume_attachment', key: "CONCAT_WS(' ', id, volume_id)", where: alive }],
    says: 'has attachment and volume KEY, which cinder does not have',
  },
  {
    id: 'cinder/attachment-instance',
    services: ['nova', 'cinder'],
    what: 'attachment',
    rows: {
      repo: 'cinder',
      from: '$.volume_attachment',
      id: 'id',
      key: "CONCAT_WS(' ', instance_uuid, volume_id)",
      where: `${alive} AND instance_uuid IS NOT NULL AND attach_status = 'attached'`,
    },
    to: [{ ...devices, key: "CONCAT_WS(' ', instance_uuid, volume_id)" }],
    says: 'is of instance and volume KEY, which nova knows nothing of',
  },
  {
    id: 'cinder/attachment-living',
    services: ['nova', 'cinder'],
    what: 'attachment',
    rows: {
      repo: 'cinder',
      from: '$.volume_attachment',
      id: 'id',
      key: 'instance_uuid',
      where: `${alive} AND instance_uuid IS NOT NULL`,
    },
    to: [instances],
    says: 'is of instance KEY, which does not live',
  },
  {
    id: 'cinder/in-use',
    services: ['cinder'],
    what: 'volume',
    rows: { ...volumes, id: 'id', where: `${alive} AND status = 'in-use'` },
    to: [{ repo: 'cinder', from: '$.volume_attachment', key: 'volume_id', where: alive }],
    says: 'is in use and has no attachment',
  },
  {
    id: 'cinder/attachment-volume',
    services: ['cinder'],
    what: 'attachment',
    rows: {
      repo: 'cinder',
      from: '$.volume_attachment',
      id: 'id',
      key: 'volume_id',
      where: `${alive} AND attach_status = 'attached'`,
    },
    to: [{ ...volumes, where: `${alive} AND status NOT IN ('available', 'deleting')` }],
    says: 'holds volume KEY, which is free or gone',
  },
  {
    id: 'cinder/volume-type',
    services: ['cinder'],
    what: 'volume',
    rows: { ...volumes, id: 'id', key: 'volume_type_id', where: `${alive} AND volume_type_id IS NOT NULL` },
    to: [{ repo: 'cinder', from: '$.volume_types', key: 'id', where: alive }],
    says: 'is of type KEY, which does not exist',
  },
  {
    id: 'cinder/snapshot-volume',
    services: ['cinder'],
    what: 'snapshot',
    rows: { repo: 'cinder', from: '$.snapshots', id: 'id', key: 'volume_id', where: alive },
    to: [volumes],
    says: 'is of volume KEY, which does not exist',
  },
  {
    id: 'cinder/volume-service',
    services: ['cinder'],
    what: 'volume',
    rows: {
      ...volumes,
      id: 'id',
      key: "SUBSTRING_INDEX(host, '#', 1)",
      where: `${alive} AND host IS NOT NULL AND cluster_name IS NULL`,
    },
    to: [{ repo: 'cinder', from: '$.services', key: 'host', where: `${alive} AND \`binary\` = 'cinder-volume'` }],
    says: 'is on KEY, where no cinder-volume serves it',
  },
  {
    id: 'cinder/service-host',
    services: ['cinder'],
    what: 'service',
    rows: {
      repo: 'cinder',
      from: '$.services',
      id: "CONCAT(`binary`, ' on ', host)",
      key: 'host',
      where: `${alive} AND ${text("SUBSTRING_INDEX(host, '@', 1)")} = ${oldHost}`,
    },
    to: [],
    says: 'names the old controller, which no longer serves',
  },
  owned('cinder', 'volume', { repo: 'cinder', from: '$.volumes', id: 'id', key: 'project_id', where: 'deleted = 0' }),
]
