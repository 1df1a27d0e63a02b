import type { DefaultChange } from '../default-change.ts'

/** Changed defaults of cinder; source: cinder/volume/drivers at the named tags. */
export const cinderDefaults: readonly DefaultChange[] = [
  {
    section: 'backend_defaults',
    option: 'lvm_type',
    values: [
      ['havana', 'default'],
      ['pike', 'auto'],
    ],
    why: 'the volumes of the group are thick; auto makes thin ones once it finds the group empty or a thin pool in it',
    source: 'cinder/volume/drivers/lvm.py at 10.0.0 (default) and 11.0.0 (auto)',
    pinned: true,
  },
  {
    section: 'backend_defaults',
    option: 'rbd_exclusive_cinder_pool',
    values: [
      ['rocky', 'false'],
      ['wallaby', 'true'],
    ],
    why: 'free space of a Ceph pool is told by the volumes that cinder knows: others in the same pool are not counted',
    source: 'cinder/volume/drivers/rbd.py at 17.0.0 (False) and 18.0.0 (True)',
  },
]
