import { owned } from '../keystone/owned.ts'
import type { Reference } from '../reference.ts'

const ofProject = (what: string, table: string): Reference =>
  owned('barbican', what, {
    repo: 'barbican',
    from: `$.${table} t JOIN $.projects p ON p.id = t.project_id`,
    id: 't.id',
    key: 'p.external_id',
    where: 't.deleted = 0',
  })

export const barbicanReferences: readonly Reference[] = [
  ofProject('secret', 'secrets'),
  ofProject('container', 'containers'),
  {
    id: 'barbican/volume-key',
    services: ['barbican', 'cinder'],
    what: 'volume',
    rows: {
      repo: 'cinder',
      from: '$.volumes',
      id: 'id',
      key: 'encryption_key_id',
      // the key manager of settings has one key for all volumes, of this id
      where:
        "deleted = 0 AND encryption_key_id IS NOT NULL AND encryption_key_id <> '00000000-0000-0000-0000-000000000000'",
    },
    to: [{ repo: 'barbican', from: '$.secrets', key: 'id', where: 'deleted = 0' }],
    says: 'is encrypted with secret KEY, which barbican does not have',
  },
  {
    id: 'barbican/secret-key',
    services: ['barbican'],
    what: 'secret',
    rows: {
      repo: 'barbican',
      from: '$.encrypted_data e JOIN $.secrets s ON s.id = e.secret_id',
      id: 's.id',
      key: 'e.kek_id',
      where: 'e.deleted = 0 AND s.deleted = 0',
    },
    to: [{ repo: 'barbican', from: '$.kek_data', key: 'id', where: 'deleted = 0 AND bind_completed = 1' }],
    says: "is encrypted with the project's key KEY, which is not there",
  },
]
