import { describe, expect, test } from 'vitest'
import { planHops } from '../../src/hops/hops.ts'
import { findRelease } from '../../src/releases/release.ts'
import { hops, list, refusal } from './chains.ts'

describe('missing environments', () => {
  test('the missing environment is named, with its alternatives', () => {
    const error = refusal(() => hops('nova', 'victoria', '2025.1', ''))
    const floor = 'of 2025.1 takes a database of xena or newer (this one is victoria): '
    expect(error).toMatchObject({ where: 'nova and nova_api hops', exitCode: 2 })
    expect(error.message).toMatch(/^the environment of 2023\.1 \(or one of xena, yoga, zed\) is missing: nova of/)
    expect(error.message).toContain(`: nova ${floor}`)
    expect(error.message).toContain(`; nova_api ${floor}`)
    expect(error.next).toContain('[hop RELEASE]')
  })

  test('rows that an operator can fix on the source need no environment', () => {
    expect(hops('nova', 'kilo', 'mitaka', undefined, { 'nova-unmigrated-flavors': 1 })).toBe('mitaka')
    const error = refusal(() => hops('nova', 'kilo', 'newton', '', { 'nova-unmigrated-flavors': 1 }))
    expect(error.message).toBe(
      'the environment of mitaka is missing: nova migration 330 (newton) refuses compute nodes or aggregates without' +
        ' uuid, or PCI VFs without parent_addr: mitaka must run nova-manage db online_data_migrations',
    )
  })

  test('all missing ones are named, and available ones are used', () => {
    const error = refusal(() => hops('cinder', 'queens', '2025.1', 'rocky'))
    expect(error.message).toContain('environment of ussuri and of 2023.1 (or one of xena, yoga, zed) is missing')
    expect(error.message).not.toContain('stein (')
    const [, first, second] = error.message.split(/ is missing: |; (?=cinder of 2025)/)
    expect(first).toBe(
      'cinder of 2023.1 takes a database of ussuri or newer (this one is rocky): its first migration is 135; cinder' +
        ' migration 136 (ussuri) refuses volumes or snapshots without volume type: one of train to ussuri must run' +
        ' cinder-manage db online_data_migrations',
    )
    expect(second).toContain('(this one is ussuri)')
  })

  test('the alternatives depend on the next hop', () => {
    expect(refusal(() => hops('cinder', 'train', '2025.1', '')).message).toContain(
      'environment of wallaby (or one of ussuri, victoria) and of 2023.1 (or one of xena, yoga, zed) is missing',
    )
  })
})

test('a database newer than the target is refused', () => {
  const error = refusal(() => hops('nova', '2025.1', 'zed'))
  expect(error).toMatchObject({ where: 'nova and nova_api hops', exitCode: 2 })
  expect(error.message).toContain('newer than zed: it is at 2903cd72dc14 (2026.1);')
  const [, both] = refusal(() => hops('keystone', '2025.1', 'zed')).message.split('it is at ')
  expect(both).toBe('47147121, c88cdce8f248 (2025.1)')
})

describe('a database that newer code has synced beyond a release', () => {
  const left = { repo: 'nova', revision: ['344'] }

  test("is refused by that release's code, which does not have the migration", () => {
    const error = refusal(() => planHops({ ...left, target: findRelease('newton') }))
    expect(error).toMatchObject({ exitCode: 2 })
    expect(error.message).toContain('newer than newton: it is at 344 (past newton)')
  })

  test('has no hop of that release, even if its code could fix rows', () => {
    const rows = { 'nova-newton-online': 1 }
    const plan = planHops({ ...left, target: findRelease('pike'), available: list('newton'), blockers: rows })
    expect(plan.hops.map((hop) => hop.id)).toEqual(['pike'])
  })
})
