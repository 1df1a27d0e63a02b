import type { Db } from '../../src/hosts/db.ts'

/** Where the stand-in for LVM keeps its groups. */
export const store = '/var/lib/lvm-stand-in'

/** Cinder's tables as far as the copy of volumes reads them. */
export const makeCinder = async (db: Db): Promise<void> => {
  await db.run('CREATE DATABASE cinder')
  await db.run(
    'CREATE TABLE cinder.volumes (id VARCHAR(36), _name_id VARCHAR(36), host VARCHAR(255), deleted TINYINT, status VARCHAR(20))',
  )
  await db.run(
    'CREATE TABLE cinder.snapshots (id VARCHAR(36), volume_id VARCHAR(36), deleted TINYINT, status VARCHAR(20))',
  )
}
