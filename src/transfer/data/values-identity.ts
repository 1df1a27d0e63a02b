import type { ValueRule } from '../../services/options.ts'

const urls = 'auth_url auth_uri www_authenticate_uri auth_endpoint swift_store_auth_address backup_swift_auth_url'

const gone = 'the admin port 35357 and the identity API v2.0 were removed in queens'

/** The identity service: where it is, which version, what of it is named and no longer a path of a class. */
export const identityValues: readonly ValueRule[] = [
  {
    project: '*',
    section: '*',
    options: urls,
    since: 'queens',
    replace: [
      [/^((?:https?:\/\/)?[^/]+):35357(?=\/|$)/, '$1:5000'],
      [/\/v2\.0\/*$/, '/v3'],
    ],
    reason: gone,
  },
  {
    project: '*',
    section: '*',
    options: 'swift_store_auth_version backup_swift_auth_version',
    since: 'queens',
    replace: [[/^2(\.0)?$/, '3']],
    reason: 'the identity API v2.0 was removed in queens: v3 looks for the user in a domain, the default one',
    look: true,
  },
  {
    project: '*',
    section: '*',
    options: 'auth_type',
    since: 'queens',
    replace: [
      [/^v2password$/, 'password'],
      [/^v2token$/, 'token'],
    ],
    reason: 'the identity API v2.0 was removed in queens',
  },
]
