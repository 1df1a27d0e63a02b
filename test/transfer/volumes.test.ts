import { expect, test } from 'vitest'
import { cinderVolumes } from '../../src/services/cinder/volumes.ts'
import { lvmBackends } from '../../src/transfer/lvm-backends.ts'
import { parse } from '../../src/transfer/oslo-conf.ts'
import { compareTrees } from '../../src/transfer/trees.ts'
import { refuseShared } from '../../src/transfer/volume-ask.ts'
import { parseCopied, updateActions } from '../../src/transfer/volume-chunks.ts'
import {
  orphansOf,
  parseGroups,
  parseVolumes,
  type Volume,
  volumeActions,
  volumesOf,
} from '../../src/transfer/volumes.ts'

const id = 'c0a80101-1111-4a4a-8b8b-000000000001'
const volume = (changes: Partial<Volume> = {}): Volume => ({
  group: 'cinder-volumes',
  name: `volume-${id}`,
  size: 1073741824,
  uuid: '',
  pool: '',
  origin: '',
  staged: false,
  ...changes,
})

test('output of real LVM and of the stand-in', () => {
  const text = [
    '  WARNING: Device /dev/sdz has no PVID',
    `  cinder-volumes;volume-${id};1073741824;8f2KcE-aaaa;;`,
    '  cinder-volumes;pool;42949672960B;x;;',
    `  cinder-volumes;_snapshot-${id};1073741824.00;y;pool;volume-${id}`,
    `  cinder-volumes;volume-${id};1073741824B;z;;;other,swapctl_staged`,
    '  cinder-volumes;root;1;z;;;not_swapctl_staged',
    '',
  ].join('\n')
  expect(parseVolumes(text)).toEqual([
    volume({ uuid: '8f2KcE-aaaa' }),
    volume({ name: 'pool', size: 42949672960, uuid: 'x' }),
    volume({ name: `_snapshot-${id}`, uuid: 'y', pool: 'pool', origin: `volume-${id}` }),
    volume({ uuid: 'z', staged: true }),
    volume({ name: 'root', size: 1, uuid: 'z' }),
  ])
})

test('only volumes that cinder knows are copied', () => {
  const all = [volume(), volume({ name: 'root' }), volume({ name: 'volume-c0a80101-1111-4a4a-8b8b-000000000002' })]
  expect(volumesOf(all, [id.toUpperCase()])).toEqual([volume()])
})

test('copies of stage that nobody has any more: not those of the database, of the source or without the mark', () => {
  const [one, two, three] = [1, 2, 3].map((n) => volume({ name: `volume-${id.slice(0, -1)}${n}`, staged: true })) as [
    Volume,
    Volume,
    Volume,
  ]
  const foreign = volume({ name: 'volume-c0a80101-1111-4a4a-8b8b-000000000009' })
  const elsewhere = { group: 'other', name: two.name }
  expect(orphansOf([one, two, three, foreign], [one, elsewhere], [three.name.slice('volume-'.length)])).toEqual([two])
})

test('records of copies by chunk', () => {
  const text = `/run/x/vg_volume-1:f00 whole 4194304\n/run/x/vg_volume-2:f00 gone 0\n/run/x/vg_volume-3:f00 whol`
  expect([...parseCopied(text)]).toEqual([
    ['vg_volume-1', { end: 'whole', bytes: 4194304 }],
    ['vg_volume-2', { end: 'gone', bytes: 0 }],
  ])
})

test('only a copy of stage grows, and what the source serves is read at its rate', () => {
  const source = volume({ size: 9 << 20 })
  const said = (target: Volume, rate?: number) =>
    updateActions({ source, target }, { word: 'w', ...(rate === undefined ? {} : { rate }) }).map((action) =>
      action.kind === 'pipe'
        ? [action.from.argv.slice(4), action.to.argv.slice(4)].flat().join(' ')
        : action.kind === 'exec' && action.argv.join(' '),
    )
  const path = `/dev/cinder-volumes/volume-${id} 9437184 4194304`
  const heard = `kept /run/swapctl-volumes/cinder-volumes_volume-${id} w`
  expect(said(volume())).toEqual([`${path} 0 frozen ${path} ${heard}`])
  expect(said(volume({ size: 5, staged: true }), 7)).toEqual([
    `lvextend -L 9437184b cinder-volumes/volume-${id}`,
    `${path} 7 serving idle ${path} ${heard}`,
  ])
})

const words = (one: Volume, there?: Volume) =>
  volumeActions(one, 'vg2', there).map((action) =>
    action.kind === 'exec' ? action.argv.join(' ') : action.kind === 'pipe' ? action.to.argv.slice(3).join(' ') : '',
  )

test.each([
  [
    'a new one is made with the same size',
    volume(),
    undefined,
    ['lvcreate -y -Wn -Zn -n NAME -L 1073741824b vg2', 'receive /dev/vg2/NAME 1073741824 thick'],
  ],
  ['one that is there is filled anew', volume(), volume(), ['receive /dev/vg2/NAME 1073741824 thick']],
  [
    'a smaller one is made anew',
    volume(),
    volume({ size: 5 }),
    [
      'lvremove -f vg2/NAME',
      'lvcreate -y -Wn -Zn -n NAME -L 1073741824b vg2',
      'receive /dev/vg2/NAME 1073741824 thick',
    ],
  ],
  [
    'a thin one stays thin',
    volume({ pool: 'p' }),
    undefined,
    ['lvcreate -y -n NAME -V 1073741824b -T vg2/p', 'receive /dev/vg2/NAME 1073741824 thin'],
  ],
])('%s', (_, one, there, says) =>
  expect(words(one, there)).toEqual(says.map((line) => line.replaceAll('NAME', one.name))),
)

test.each([
  ['one backend', '[DEFAULT]\nenabled_backends = lvm\n[lvm]\nvolume_group = vg1\n', [['lvm', 'vg1', 'src@lvm']]],
  ['no backends at all', '[DEFAULT]\nvolume_group = vg0\n', [['DEFAULT', 'vg0', 'src']]],
  [
    'another driver',
    '[DEFAULT]\nenabled_backends = a, ceph\n[a]\n[ceph]\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n',
    [['a', 'cinder-volumes', 'src@a']],
  ],
  [
    'an old driver name, a shared default, a host of its own',
    '[DEFAULT]\nhost = ctl\nenabled_backends = a,b\n[backend_defaults]\nvolume_group = vg9\n[a]\nvolume_driver=cinder.volume.drivers.lvm.LVMISCSIDriver\n[b]\nbackend_host = ha\n',
    [
      ['a', 'vg9', 'ctl@a'],
      ['b', 'vg9', 'ha@b'],
    ],
  ],
])('backends on LVM: %s', (_, text, expected) =>
  expect(lvmBackends(parse(text), 'src', cinderVolumes).map(({ name, group, host }) => [name, group, host])).toEqual(
    expected,
  ),
)

test('the iSCSI helper: tgt unless another is set, by either option name', () => {
  const text =
    '[DEFAULT]\nenabled_backends = a,b,c\n[a]\n[b]\niscsi_helper = tgtadm\ntarget_helper = lioadm\n[c]\niscsi_helper = lioadm\n'
  expect(lvmBackends(parse(text), 'src', cinderVolumes).map(({ helper }) => helper)).toEqual([
    'tgtadm',
    'lioadm',
    'lioadm',
  ])
})

test('trees are compared line by line', () => {
  expect(compareTrees('a  ./1\nf 600 k:k 1 -> \n', 'a  ./1\nf 600 k:k 1 -> \n')).toEqual([])
  expect(compareTrees('a  ./1\nf 600 k:k 1 -> \n', 'b  ./1\nf 600 k:k 1 -> \n')).toEqual([
    'on the source: a  ./1',
    'on the target: b  ./1',
  ])
})

test.each([
  [
    'a volume by its uuid',
    volume({ uuid: 'a' }),
    volume({ uuid: 'a' }),
    'v1',
    'v2',
    `cinder-volumes/volume-${id} is the same volume as`,
  ],
  [
    'a group whose volumes the target has not read yet',
    volume({ uuid: 'a' }),
    undefined,
    'v1',
    'v1',
    'cinder-volumes is the same volume group as',
  ],
  ['a volume of the same name alone', volume({ uuid: 'a' }), volume({ uuid: 'b' }), 'v1', 'v2', ''],
  ['an LVM that says no uuids', volume(), volume(), '', 'v2', ''],
])('shared volumes are refused: %s', (_, source, target, here, there, says) => {
  const groups = (uuid: string) => parseGroups(`  WARNING: a device is missing\n  cinder-volumes;${uuid}\n`)
  const look = () => refuseShared([{ source, target }], groups(here), groups(there))
  if (says === '') expect(look).not.toThrow()
  else expect(look).toThrow(says)
})
