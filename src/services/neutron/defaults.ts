import { type DefaultChange, newRules } from '../default-change.ts'

const quota = (option: string, was: string, is: string): DefaultChange => ({
  section: 'quotas',
  option,
  values: [
    ['havana', was],
    ['pike', is],
  ],
  why: 'a project without a quota of its own may have ten times as many',
  source: `neutron/conf/quota.py at 10.0.0 (${was}) and 11.0.0 (${is})`,
})

/** Changed defaults of neutron; source: neutron/ at the named tags. */
export const neutronDefaults: readonly DefaultChange[] = [
  quota('quota_network', '10', '100'),
  quota('quota_subnet', '10', '100'),
  quota('quota_port', '50', '500'),
  {
    section: 'DEFAULT',
    option: 'allow_overlapping_ips',
    values: [
      ['havana', 'false'],
      ['yoga', 'true'],
    ],
    why: 'users may make subnets that overlap those of other projects',
    source: 'neutron/conf/common.py at 19.0.0 (False) and 20.0.0 (True); the option is gone at 21.0.0',
    gone: true,
  },
  {
    section: 'ovn',
    option: 'ovn_emit_need_to_frag',
    values: [
      ['ussuri', 'false'],
      ['epoxy', 'true'],
    ],
    why: 'routers of OVN tell senders that a packet is too large',
    source: 'neutron/conf/plugins/ml2/drivers/ovn/ovn_conf.py at 25.0.0 (False) and 26.0.0 (True)',
  },
  ...newRules('bobcat', 'neutron/policy.py at 22.0.0 (not set: false) and 23.0.0 (true)'),
]
