import { describe, expect, test } from 'vitest'
import { findRelease, releaseNamed } from '../../src/releases/release.ts'
import { services } from '../../src/services/index.ts'
import { choicesOf } from '../../src/settings/choices.ts'
import { changedDefaults, defaultAt } from '../../src/transfer/defaults.ts'
import { recordedOptions } from '../../src/transfer/known-table.ts'
import { get, parse } from '../../src/transfer/oslo-conf.ts'
import { translate } from '../../src/transfer/translate.ts'

const all = services.flatMap(({ recipe, options }) =>
  (options.defaults ?? []).map((change) => ({ project: recipe.release.project, ...change })),
)

describe('the data', () => {
  test('every change has at least two values in order, a reason and files at two tags', () => {
    expect(all.length).toBeGreaterThan(20)
    for (const { project, option, values, why, source } of all) {
      const places = values.map(([since]) => releaseNamed(since).index)
      expect({ project, option, places }).toEqual({ project, option, places: places.toSorted((a, b) => a - b) })
      expect(new Set(places).size).toBe(values.length)
      expect(values.length).toBeGreaterThan(1)
      for (const [index, [, value]] of values.entries()) expect(value).not.toBe(values[index - 1]?.[1])
      expect(why).toMatch(/^\S.{15,}[^.]$/)
      expect(source).toMatch(/\.py .*at \d+\.\d+\.\d+|\.py at \d/)
    }
  })

  test('what can be pinned is an option that 2025.1 reads', () => {
    for (const { project, section, option, gone } of all)
      if (!gone)
        expect({ project, option, live: recordedOptions(project, '2025.1').live(section, option)?.name }).toEqual({
          project,
          option,
          live: option,
        })
  })

  test('no option is listed twice', () => {
    const names = all.map(({ project, section, option }) => `${project} ${section} ${option}`)
    expect(new Set(names).size).toBe(names.length)
  })
})

test('a default is that of the newest release up to the given one', () => {
  const values = [
    ['kilo', 'a'],
    ['pike', 'b'],
  ] as const
  const at = (name: string) => defaultAt(values, findRelease(name).index)?.[1]
  expect(['juno', 'kilo', 'ocata', 'pike', 'epoxy'].map(at)).toEqual([undefined, 'a', 'a', 'b', 'b'])
})

test('only defaults that differ between the two releases are reported', () => {
  const between = (from: string, to: string) =>
    changedDefaults('neutron', findRelease(from).index, findRelease(to).index).map(({ option }) => option)
  expect(between('ocata', 'pike')).toEqual(['quota_network', 'quota_subnet', 'quota_port'])
  expect(between('pike', 'queens')).toEqual([])
})

const run = (
  project: string,
  text: string,
  more: { from?: string; decisions?: string; others?: readonly string[] } = {},
) => {
  const { from = 'ocata', decisions = '', others = [] } = more
  const [first] = translate({
    project,
    from,
    to: 'epoxy',
    files: [text, ...others].map((one, index) => ({ path: `${index}.conf`, text: one })),
    choices: choicesOf(
      'd.ini',
      decisions,
      services.map(({ recipe }) => recipe.name),
    ),
  })
  if (first === undefined) throw new Error('nothing came back')
  return {
    at: (section: string, key: string) => get(parse(first.text), section, key),
    of: (key: string) => first.decisions.filter(({ option }) => option === key),
  }
}

const decide = (title: string, decision: string): string => `[${title}]\ndecision = ${decision}\nreason = looked at\n`

describe('a changed default that nobody has set', () => {
  test('is written with its old value where data depends on it', () => {
    const { at, of } = run('cinder', '[DEFAULT]\nenabled_backends = lvm\n')
    expect(at('backend_defaults', 'lvm_type')).toBe('default')
    expect(of('lvm_type')).toMatchObject([{ fate: 'pinned', to: 'default', reason: expect.stringContaining('11.0.0') }])
  })

  test('is otherwise reported and not written', () => {
    const { at, of } = run('neutron', '')
    expect(at('quotas', 'quota_port')).toBeUndefined()
    expect(of('quota_port')).toMatchObject([{ fate: 'default', from: '50', to: '500', look: true }])
  })

  test('is neither when it is set, here or in another file, or did not change between these releases', () => {
    expect(run('neutron', '[quotas]\nquota_port = 7\n').of('quota_port')).toMatchObject([{ fate: 'kept' }])
    expect(run('neutron', '', { others: ['[quotas]\nquota_port = 7\n'] }).of('quota_port')).toEqual([])
    expect(run('neutron', '', { from: 'pike' }).of('quota_port')).toEqual([])
    expect(run('cinder', '[backend_defaults]\nlvm_type = thin\n').at('backend_defaults', 'lvm_type')).toBe('thin')
    expect(run('cinder', '', { from: 'pike' }).at('backend_defaults', 'lvm_type')).toBeUndefined()
  })

  test('is reported for the first file only', () => {
    const files = ['', '[own]\na = 1\n'].map((text, index) => ({ path: `${index}.conf`, text }))
    const found = translate({ project: 'neutron', from: 'ocata', to: 'epoxy', files })
    const reported = found.map(({ decisions }) => decisions.filter(({ option }) => option === 'quota_port').length)
    expect(reported).toEqual([1, 0])
  })

  test('is ignored when the option that gives it meaning is absent', () => {
    expect(run('glance', '[paste_deploy]\nflavor = keystone\n').of('image_cache_driver')).toEqual([])
    expect(
      run('glance', '[paste_deploy]\nflavor = keystone+cachemanagement\n').at('DEFAULT', 'image_cache_driver'),
    ).toBe('sqlite')
  })

  test('pin writes the old value, drop accepts the new one silently, set wins', () => {
    const pinned = run('neutron', '', { decisions: decide('neutron quotas quota_port', 'pin') })
    expect(pinned.at('quotas', 'quota_port')).toBe('50')
    expect(pinned.of('quota_port')).toMatchObject([
      { fate: 'pinned', to: '50', reason: expect.stringMatching(/^decided by the operator: looked at/) },
    ])
    const dropped = run('cinder', '', { decisions: decide('cinder backend_defaults lvm_type', 'drop') })
    expect(dropped.at('backend_defaults', 'lvm_type')).toBeUndefined()
    expect(dropped.of('lvm_type')[0]).toMatchObject({ fate: 'default' })
    expect(dropped.of('lvm_type')[0]).not.toHaveProperty('look')
    const set = run('cinder', '', { decisions: decide('cinder backend_defaults lvm_type', 'set thin') })
    expect(set.at('backend_defaults', 'lvm_type')).toBe('thin')
    expect(set.of('lvm_type')).toMatchObject([{ fate: 'set' }])
  })

  test('cannot be pinned if no later release accepts the old value', () => {
    expect(() => run('keystone', '', { from: 'newton', decisions: decide('keystone token provider', 'pin') })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining("no later release takes the old default 'uuid'"),
      }),
    )
  })
})
