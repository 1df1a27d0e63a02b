import { describe, expect, test } from 'vitest'
import { planHops, planServiceHops } from '../../src/hops/hops.ts'
import { findRelease, releases } from '../../src/releases/release.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { repos } from '../../src/services/index.ts'
import { at, hops, refusal } from './chains.ts'

describe('the shortest hops of each service (target last; of equal ones the newest)', () => {
  test.each([
    // Havana -> Icehouse: the Mirantis article
    ['havana', 'icehouse', { keystone: '', glance: '', nova: '', neutron: '', cinder: '', heat: '' }],
    // Grizzly -> Icehouse: nova migrates only from Havana
    ['grizzly', 'icehouse', { keystone: '', glance: '', nova: 'havana', neutron: '', cinder: '', heat: '' }],
    // Kilo -> Pike: the Tencent article
    [
      'kilo',
      'pike',
      { keystone: '', glance: 'newton', nova: 'mitaka newton', neutron: '', cinder: 'mitaka ocata', heat: 'newton' },
    ],
    ['liberty', 'ocata', { keystone: '', glance: '', nova: 'mitaka newton', neutron: '', cinder: 'newton', heat: '' }],
    ['stein', 'train', { keystone: '', glance: '', nova: '', placement: '', neutron: '', cinder: '', heat: '' }],
    ['queens', 'train', { keystone: '', glance: '', nova: '', neutron: '', cinder: 'stein', heat: '' }],
    ['train', 'wallaby', { keystone: '', glance: '', nova: '', placement: '', neutron: '', cinder: '', heat: '' }],
    ['victoria', 'zed', { keystone: '', glance: '', nova: '', placement: '', neutron: '', cinder: '', heat: '' }],
    ['zed', '2025.1', { keystone: '', glance: '', nova: '', placement: '', neutron: '', cinder: '', heat: '' }],
    [
      'victoria',
      '2025.1',
      { keystone: '2023.1', glance: '', nova: '2023.1', placement: '', neutron: '', cinder: '2023.1', heat: '' },
    ],
    ['2025.1', '2026.1', { keystone: '', glance: '', nova: '', placement: '', neutron: '', cinder: '', heat: '' }],
    ['mitaka', 'queens', { keystone: '', glance: '', nova: 'newton', neutron: '', cinder: 'ocata', heat: '' }],
    ['newton', 'train', { keystone: '', glance: '', nova: 'stein', neutron: '', cinder: 'pike stein', heat: '' }],
    [
      'kilo',
      'train',
      {
        keystone: '',
        glance: 'newton',
        nova: 'mitaka newton stein',
        neutron: '',
        cinder: 'mitaka ocata rocky',
        heat: 'newton',
      },
    ],
    ['queens', 'wallaby', { keystone: '', glance: '', nova: 'victoria', neutron: '', cinder: 'stein train', heat: '' }],
    [
      'train',
      '2023.1',
      { keystone: 'xena', glance: '', nova: '', placement: '', neutron: '', cinder: 'wallaby', heat: '' },
    ],
    [
      'train',
      '2025.1',
      { keystone: 'xena 2023.1', glance: '', nova: '2023.1', neutron: '', cinder: 'wallaby 2023.1', heat: '' },
    ],
    ['yoga', '2025.1', { keystone: '2023.1', glance: '', nova: '', placement: '', neutron: '', cinder: '', heat: '' }],
  ] as const)('%s -> %s', (from, to, expected) => {
    const found = Object.fromEntries(Object.keys(expected).map((repo) => [repo, hops(repo as RepoName, from, to)]))
    const wanted = Object.fromEntries(Object.entries(expected).map(([repo, chain]) => [repo, `${chain} ${to}`.trim()]))
    expect(found).toEqual(wanted)
  })

  test('Queens -> 2025.1 needs 2 hops for keystone and nova, 3 for cinder', () => {
    const count = (repo: RepoName) => hops(repo, 'queens', '2025.1').split(' ').length - 1
    expect([count('keystone'), count('nova'), count('cinder')]).toEqual([2, 2, 3])
  })
})

describe('one list of hops for the whole cloud', () => {
  const services: readonly RepoName[] = ['keystone', 'glance', 'nova', 'nova_api', 'neutron', 'cinder', 'heat']
  test.each([
    ['kilo', 'pike', 'mitaka newton pike'],
    ['liberty', 'ocata', 'mitaka newton ocata'],
    ['queens', 'train', 'stein train'],
    ['victoria', '2025.1', '2023.1 2025.1'],
    ['mitaka', 'queens', 'newton pike queens'],
    ['newton', 'train', 'pike stein train'],
    ['queens', 'wallaby', 'stein train wallaby'],
    ['train', '2023.1', 'wallaby 2023.1'],
    ['train', '2025.1', 'wallaby 2023.1 2025.1'],
    ['queens', '2025.1', 'stein ussuri 2023.1 2025.1'],
    ['kilo', '2025.1', 'mitaka newton pike stein ussuri 2023.1 2025.1'],
    ['kilo', '2026.1', 'mitaka newton pike stein ussuri 2023.1 2026.1'],
  ])('%s -> %s: %s', (from, to, expected) => {
    const plan = planServiceHops(
      services.map((repo) => at(repo, from)),
      { target: findRelease(to) },
    )
    expect(plan.hops.map((hop) => hop.id).join(' ')).toBe(expected)
  })
})

describe('hops with the available environments', () => {
  test.each([
    ['glance', 'newton pike'],
    ['nova', 'mitaka newton pike'],
    ['cinder', 'mitaka newton pike'],
    ['heat', 'newton pike'],
  ] as const)('Kilo -> Pike with Mitaka and Newton, as the Tencent article went: %s %s', (repo, chain) => {
    expect(hops(repo, 'kilo', 'pike', 'mitaka newton')).toBe(chain)
  })

  test('Kilo -> Pike with Liberty and Newton', () => {
    expect(hops('cinder', 'kilo', 'pike', 'liberty newton')).toBe('liberty newton pike')
    const groups = { 'cinder-consistency-groups': 1 }
    expect(refusal(() => hops('cinder', 'kilo', 'pike', 'mitaka newton', groups)).message).toContain(
      'environment of ocata is',
    )
  })

  test.each([
    ['keystone', 'zed 2025.1'],
    ['nova', 'zed 2025.1'],
    ['cinder', 'zed 2025.1'],
    ['glance', '2025.1'],
    ['placement', '2025.1'],
    ['neutron', '2025.1'],
    ['heat', '2025.1'],
  ] as const)('Victoria -> 2025.1 with Zed alone: %s %s', (repo, chain) => {
    expect(hops(repo, 'victoria', '2025.1', 'zed')).toBe(chain)
  })

  test('a longer path is taken when the shortest lacks an environment', () => {
    expect(hops('cinder', 'queens', 'wallaby', 'rocky train')).toBe('rocky train wallaby')
    expect(hops('cinder', 'train', '2025.1', 'ussuri xena yoga')).toBe('ussuri yoga 2025.1')
  })
})

describe('hops forced by rows', () => {
  test('live consistency groups add Ocata', () => {
    expect(hops('cinder', 'kilo', 'pike', undefined, { 'cinder-consistency-groups': 2 })).toBe('mitaka ocata pike')
    expect(hops('cinder', 'newton', 'pike', undefined, { 'cinder-consistency-groups': 2 })).toBe('ocata pike')
    expect(hops('cinder', 'newton', 'pike', undefined, { 'cinder-consistency-groups': 0 })).toBe('pike')
  })

  test('rows that no hop can fix add none: they need manual work or SQL', () => {
    const rows = {
      'cinder-duplicate-quota-usages': 1,
      'cinder-untyped-deleted-volumes': 1,
      'cinder-untyped-volumes': 0,
    }
    expect(hops('cinder', 'train', 'wallaby', undefined, rows)).toBe('wallaby')
    expect(hops('cinder', 'train', 'wallaby', 'victoria', rows)).toBe('wallaby')
  })

  test('rows that were counted as zero force nothing', () => {
    expect(hops('cinder', 'rocky', 'wallaby')).toBe('train wallaby')
    expect(hops('cinder', 'rocky', 'wallaby', undefined, { 'cinder-untyped-volumes': 0 })).toBe('wallaby')
    expect(hops('nova', 'kilo', 'newton')).toBe('mitaka newton')
    expect(hops('nova', 'kilo', 'newton', undefined, { 'nova-mitaka-online': 0 })).toBe('newton')
  })
})

describe('where rows are fixed', () => {
  test('before the sync rather than after a refusal, if both need as many hops', () => {
    const chain = 'mitaka ocata rocky train victoria'
    expect(hops('cinder', 'kilo', 'victoria', undefined, { 'cinder-untyped-volumes': 1 })).toBe(chain)
    const others = 'mitaka ocata rocky ussuri victoria'
    expect(hops('cinder', 'kilo', 'victoria', 'mitaka ocata rocky ussuri', { 'cinder-untyped-volumes': 1 })).toBe(
      others,
    )
  })

  test('by an available environment rather than by hand', () => {
    const rows = { 'nova-unmigrated-flavors': 1 }
    expect(hops('nova', 'kilo', 'mitaka', 'kilo', rows)).toBe('kilo mitaka')
    expect(hops('nova', 'kilo', 'newton', 'mitaka', rows)).toBe('mitaka newton')
    expect(hops('nova', 'kilo', 'newton', 'kilo mitaka', rows)).toBe('kilo mitaka newton')
    expect(hops('nova', 'kilo', 'newton', 'kilo mitaka', { ...rows, 'nova-unmigrated-flavors': 0 })).toBe(
      'mitaka newton',
    )
  })
})

describe('databases that are not at the end of a release', () => {
  const nova = (main: string, api: string[], to: string) =>
    planServiceHops(
      [
        { repo: 'nova', revision: [main] },
        { repo: 'nova_api', revision: api },
      ],
      {
        target: findRelease(to),
      },
    )
      .hops.map((hop) => hop.id)
      .join(' ')

  test.each([
    ['290', [], 'pike', 'mitaka newton pike'],
    ['329', ['7'], 'pike', 'newton pike'],
    ['344', ['20'], 'pike', 'pike'],
    ['334', ['29'], 'pike', 'pike'],
    ['334', ['20'], 'train', 'stein train'],
  ] as const)('nova %s, api %j -> %s: %s', (main, api, to, expected) => {
    expect(nova(main, [...api], to)).toBe(expected)
  })

  test("an empty cell0 follows nova's other databases", () => {
    const plan = planServiceHops([at('nova', 'victoria'), at('nova_api', 'victoria'), { repo: 'nova', revision: [] }], {
      target: findRelease('2025.1'),
    })
    expect(plan.hops.map((hop) => hop.id)).toEqual(['2023.1', '2025.1'])
  })

  test('an empty placement database is created by the target', () => {
    expect(planHops({ repo: 'placement', revision: [], target: findRelease('2025.1') }).hops).toHaveLength(1)
  })
})

test('a database at the target revision needs no hop, but is synced', () => {
  const plan = planHops({ ...at('nova', '2025.1'), target: findRelease('2026.1'), available: [] })
  expect(plan.hops.map((hop) => hop.id)).toEqual(['2026.1'])
})

test('every later release can be reached from every release', () => {
  const kinds = repos.flatMap(({ name, ends }) =>
    releases.filter((release) => ends[release.name]).map((release) => ({ name, release })),
  )
  for (const { name, release } of kinds) {
    const target = findRelease('2026.1')
    const plan = planHops({ ...at(name, release.id), target })
    expect(plan.hops.at(-1)).toBe(target)
    expect(plan.hops.length).toBeLessThanOrEqual(9)
  }
})
