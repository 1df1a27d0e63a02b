import { type DefaultChange, newRules } from '../default-change.ts'

/** Changed defaults of heat; source: heat/common/config.py at the named tags. */
export const heatDefaults: readonly DefaultChange[] = [
  {
    section: 'DEFAULT',
    option: 'convergence_engine',
    values: [
      ['kilo', 'false'],
      ['newton', 'true'],
    ],
    why: 'new stacks are made by the convergence engine; stacks that exist stay with the old one until they are migrated',
    source: 'heat/common/config.py at 6.0.0 (False) and 7.0.0 (True)',
  },
  {
    section: 'DEFAULT',
    option: 'deferred_auth_method',
    values: [
      ['havana', 'password'],
      ['kilo', 'trusts'],
    ],
    why: 'new stacks act for their owner by a trust: owners need the roles that are delegated',
    source: 'heat/common/config.py at 2014.2 (password) and 2015.1.0 (trusts)',
  },
  {
    section: 'DEFAULT',
    option: 'max_stacks_per_tenant',
    values: [
      ['havana', '100'],
      ['wallaby', '512'],
    ],
    why: 'a project may have five times as many stacks',
    source: 'heat/common/config.py at 15.0.0 (100) and 16.0.0 (512)',
  },
  {
    section: 'DEFAULT',
    option: 'hidden_stack_tags',
    values: [
      ['liberty', 'data-processing-cluster'],
      ['dalmatian', ''],
    ],
    why: 'stacks that sahara tagged are shown in lists again',
    source: "heat/common/config.py at 22.0.0 (['data-processing-cluster']) and 23.0.0 ([])",
  },
  ...newRules('dalmatian', 'oslo_policy/opts.py at 4.3.0 (2024.1: false) and 4.4.0 (2024.2: true)'),
]
