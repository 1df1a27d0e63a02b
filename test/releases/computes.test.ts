import { describe, expect, test } from 'vitest'
import { findRelease } from '../../src/releases/release.ts'
import { computeRule } from '../../src/services/nova/computes.ts'

const rule = (source: string, target: string) => computeRule(findRelease(source), findRelease(target))

describe('computes of the old release under the new controller', () => {
  test.each([
    ['havana', 'icehouse', true, false, 'icehouse-compat'],
    ['icehouse', 'juno', true, false, 'icehouse'],
    ['juno', 'kilo', true, false, 'juno'],
    ['juno', 'liberty', false, false, 'juno'],
    ['kilo', 'liberty', true, false, 'kilo'],
    ['kilo', 'mitaka', false, false, 'auto'],
    ['kilo', 'pike', false, false, 'auto'],
    ['liberty', 'mitaka', true, false, 'auto'],
    ['liberty', 'ocata', true, false, 'auto'],
    ['pike', 'queens', true, false, 'auto'],
    ['pike', 'rocky', false, false, 'auto'],
    ['stein', 'train', true, false, 'auto'],
    ['train', 'wallaby', true, true, 'auto'],
    ['victoria', 'wallaby', true, false, 'auto'],
    ['victoria', 'xena', true, true, 'auto'],
    // tried: a server booted on an untouched Victoria compute
    ['victoria', '2025.1', true, true, 'auto'],
    ['wallaby', 'xena', true, false, 'auto'],
    ['yoga', '2023.1', true, false, 'auto'],
    ['xena', '2023.1', true, true, 'auto'],
    ['zed', '2025.1', true, true, 'auto'],
    ['2023.1', '2024.1', true, false, 'auto'],
    ['2023.1', '2024.2', true, false, 'auto'],
    ['2024.1', '2025.1', true, false, 'auto'],
    ['2024.1', '2026.1', true, true, 'auto'],
    ['2025.1', '2026.1', true, false, 'auto'],
    ['2025.1', '2025.1', true, false, 'auto'],
  ] as const)('%s under %s: drivable %s, workaround %s, pin %s', (source, target, drivable, needsFfuFlag, pin) => {
    expect(rule(source, target)).toMatchObject({ drivable, needsFfuFlag, pin })
  })

  test('the reason names the obstacle', () => {
    expect(rule('victoria', '2025.1').reason).toContain('wants computes of caracal (66) or newer and finds 53')
    expect(rule('pike', 'rocky').reason).toContain('answer compute RPC 4.17')
    expect(rule('kilo', 'pike').reason).toContain('conductor')
    expect(rule('2025.1', 'zed').drivable).toBe(false)
  })
})
