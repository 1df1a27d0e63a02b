import { describe, expect, test } from 'vitest'
import { SwapError } from '../../src/errors.ts'
import { findRelease, releaseOfVersion, releases } from '../../src/releases/release.ts'
import { recipeOf } from '../../src/services/index.ts'

describe('a release by the word an operator uses', () => {
  test.each([
    ['epoxy', '2025.1'],
    ['2025.1', '2025.1'],
    [' Zed ', 'zed'],
    ['2022.2', 'zed'],
    ['victoria', 'victoria'],
    ['2020.2', 'victoria'],
    ['Kilo', 'kilo'],
  ])('%s is %s', (word, id) => {
    expect(findRelease(word).id).toBe(id)
  })

  test.each(['2025', '', 'epox', '2025.3'])('%j is refused with the known names', (word) => {
    const refusal = (() => {
      try {
        return findRelease(word, 'swapctl.ini [swap] release')
      } catch (error) {
        return error
      }
    })() as SwapError
    expect(refusal).toBeInstanceOf(SwapError)
    expect(refusal).toMatchObject({ exitCode: 2, where: 'swapctl.ini [swap] release' })
    expect(refusal.message).toContain(`'${word}'`)
    expect(refusal.next).toMatch(/havana, .*victoria, .*2025\.1 \(epoxy\)/)
  })

  test('releases are in order of their dates', () => {
    expect([...releases].sort((a, b) => a.date.localeCompare(b.date))).toEqual(releases)
    expect(releases.map(({ index }) => index)).toEqual(releases.map((_, index) => index))
  })
})

describe('a release by a package version', () => {
  test.each([
    ['nova', '2:22.0.1-2+deb11u1', 'victoria'],
    ['nova', '2:31.0.0-6+deb13u2', '2025.1'],
    ['nova', '2:26.2.2-1~deb12u3', 'zed'],
    ['nova', '1:2015.1.4-0ubuntu2', 'kilo'],
    ['nova', '2013.2.4-1.el6', 'havana'],
    ['nova', '2:12.0.0-1', 'liberty'],
    ['nova', '2:33.0.0~rc1-1', '2026.1'],
    ['keystone', '2:18.0.0-3+deb11u1', 'victoria'],
    ['keystone', '2:27.0.0-3', '2025.1'],
    ['glance', '2:21.0.0-2', 'victoria'],
    ['glance', '1:15.0.2-1.el7', 'pike'],
    ['placement', '4.0.0-3', 'victoria'],
    ['placement', '1.0.0', 'stein'],
    ['neutron', '2:17.2.1-0+deb11u1', 'victoria'],
    ['cinder', '2:17.0.1-1+deb11u1', 'victoria'],
    ['cinder', '2:26.0.0-2', '2025.1'],
    ['heat', '1:15.0.0-4', 'victoria'],
    ['heat', '1:24.0.0-3', '2025.1'],
  ])('%s %s is %s', (project, version, id) => {
    expect(releaseOfVersion(recipeOf(project).release.first, version)?.id).toBe(id)
  })

  test.each([
    ['nova', '2:11.0.0-1'],
    ['nova', '2:99.0.0-1'],
    ['nova', '2016.1'],
    ['nova', '2030.1'],
    ['placement', '2015.1.0'],
    ['nova', ''],
    ['nova', 'none'],
  ])('%s %j belongs to no known release', (project, version) => {
    expect(releaseOfVersion(recipeOf(project).release.first, version)).toBeUndefined()
  })
})
