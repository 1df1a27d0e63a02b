import { type DefaultChange, newRules } from '../default-change.ts'

/** Changed defaults of nova; source: nova/conf at the named tags. */
export const novaDefaults: readonly DefaultChange[] = [
  {
    section: 'cinder',
    option: 'catalog_info',
    values: [
      ['liberty', 'volumev2:cinderv2:publicURL'],
      ['pike', 'volumev3:cinderv3:publicURL'],
      ['stein', 'volumev3::publicURL'],
    ],
    why: 'nova looks in the catalog for the volumes under this type, and under this name where one is given',
    source: 'nova/conf/cinder.py at 15.0.0 (volumev2), 16.0.0 and 19.0.0 (volumev3)',
    gone: true,
  },
  {
    section: 'notifications',
    option: 'notification_format',
    values: [
      ['mitaka', 'both'],
      ['train', 'unversioned'],
    ],
    why: 'versioned notifications are sent no more: whoever reads them gets none',
    source: 'nova/conf/notifications.py at 19.0.0 (both) and 20.0.0 (unversioned)',
  },
  {
    section: 'DEFAULT',
    option: 'initial_cpu_allocation_ratio',
    values: [
      ['stein', '16.0'],
      ['antelope', '4.0'],
    ],
    why: 'a compute that is new takes four times its processors instead of sixteen; those that placement knows keep theirs',
    source: 'nova/conf/compute.py at 26.0.0 (16.0) and 27.0.0 (4.0)',
  },
  {
    section: 'DEFAULT',
    option: 'initial_ram_allocation_ratio',
    values: [
      ['stein', '1.5'],
      ['antelope', '1.0'],
    ],
    why: 'a compute that is new promises no more memory than it has; those that placement knows keep theirs',
    source: 'nova/conf/compute.py at 26.0.0 (1.5) and 27.0.0 (1.0)',
  },
  ...newRules('antelope', 'nova/policy.py at 26.0.0 (not set: false) and 27.0.0 (true)'),
]
