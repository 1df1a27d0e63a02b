import { type DefaultChange, newRules } from '../default-change.ts'

/** Changed defaults of barbican; source: barbican/common/config.py and the plugins at the named tags. */
export const barbicanDefaults: readonly DefaultChange[] = [
  {
    section: 'simple_crypto_plugin',
    option: 'kek',
    values: [
      ['juno', 'dGhpcnR5X3R3b19ieXRlX2tleWJsYWhibGFoYmxhaGg='],
      ['flamingo', ''],
    ],
    why: 'the keys of all projects are encrypted with it: without it no secret can be read',
    source: 'barbican/plugin/crypto/simple_crypto.py at 20.0.0 (a published value) and 21.0.0 (none)',
    pinned: true,
  },
  {
    section: 'DEFAULT',
    option: 'db_auto_create',
    values: [
      ['icehouse', 'true'],
      ['victoria', 'false'],
    ],
    why: 'a service no longer upgrades the schema when it starts',
    source: 'barbican/common/config.py at 10.0.0 (True) and 11.0.0 (False)',
  },
  {
    section: 'DEFAULT',
    option: 'max_allowed_secret_in_bytes',
    values: [
      ['icehouse', '10000'],
      ['xena', '20000'],
    ],
    why: 'a secret may be twice as long',
    source: 'barbican/common/config.py at 12.0.0 (10000) and 13.0.0 (20000)',
  },
  {
    section: 'DEFAULT',
    option: 'max_allowed_request_size_in_bytes',
    values: [
      ['icehouse', '15000'],
      ['xena', '25000'],
    ],
    why: 'a request may be longer',
    source: 'barbican/common/config.py at 12.0.0 (15000) and 13.0.0 (25000)',
  },
  ...newRules('caracal', 'barbican/common/config.py at 18.0.0: set_defaults(enforce_new_defaults=True)').map(
    (rule) => ({
      ...rule,
      why: `${rule.why}; the roles creator, observer and audit no longer give access to secrets: users need member or reader`,
    }),
  ),
]
