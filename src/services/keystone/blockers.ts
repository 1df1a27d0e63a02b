import type { Blocker } from '../../releases/blocker.ts'
import { charset } from '../charset.ts'

export const keystoneBlockers: readonly Blocker[] = [
  charset('keystone', 'seen: "have non utf8 collation, please make sure all tables are CHARSET=utf8"'),
  {
    id: 'keystone-credential-keys',
    repo: 'keystone',
    stops: { release: 'newton', migration: 'data_migrate 003' },
    rows: 'credentials that this hop will encrypt, with the null key when the key repository is empty',
    asks: [{ needs: { credential: ['blob'] }, from: '{credential}', example: '`id`' }],
    // the target's own program writes there, hops only read; it leaves existing keys alone
    mends: [
      {
        by: ['newton', 'gazpacho'],
        argv: ['keystone-manage', 'credential_setup', '--keystone-user', 'keystone', '--keystone-group', 'keystone'],
        when: 'before',
        own: true,
      },
    ],
    always: false,
    level: 'warn',
    source: 'keystone 003_migrate_unencrypted_credentials.py; encrypted silently with the null key (seen)',
  },
]
