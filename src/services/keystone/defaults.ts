import { type DefaultChange, newRules } from '../default-change.ts'

/** Changed defaults of keystone; source: keystone/common/config.py and keystone/conf/ at the named tags. */
export const keystoneDefaults: readonly DefaultChange[] = [
  {
    section: 'token',
    option: 'provider',
    values: [
      ['liberty', 'uuid'],
      ['ocata', 'fernet'],
    ],
    why: 'tokens are made otherwise: those issued before the cutover are void, and the keys of fernet tokens must exist',
    source: 'keystone/conf/token.py at 10.0.0 (uuid) and 11.0.0 (fernet)',
    gone: true,
  },
  {
    section: 'token',
    option: 'expiration',
    values: [
      ['havana', '86400'],
      ['icehouse', '3600'],
    ],
    why: 'a token is good for one hour instead of a day: long operations may outlive theirs',
    source: 'keystone/common/config.py at 2013.2 (86400) and 2014.1 (3600)',
  },
  {
    section: 'DEFAULT',
    option: 'notification_format',
    values: [
      ['kilo', 'basic'],
      ['ocata', 'cadf'],
    ],
    why: 'whoever reads notifications gets them in another form',
    source: 'keystone/notifications.py at 10.0.0 (basic), keystone/conf/default.py at 11.0.0 (cadf)',
  },
  ...newRules('dalmatian', 'oslo_policy/opts.py at 4.3.0 (2024.1: false) and 4.4.0 (2024.2: true)'),
]
