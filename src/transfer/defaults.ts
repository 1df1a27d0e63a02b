import { findRelease, releaseNamed } from '../releases/release.ts'
import type { ReleaseName } from '../releases/series.ts'
import { services } from '../services/index.ts'

/** A default that differs on the target. */
export interface ChangedDefault {
  readonly section: string
  readonly option: string
  readonly was: string
  readonly is: string
  /** the release that changed it: 'pike', '2024.1' */
  readonly since: string
  readonly why: string
  readonly source: string
  readonly pinned?: true
  readonly gone?: true
  readonly when?: readonly [section: string, option: string, value: RegExp]
}

type Values = readonly (readonly [since: ReleaseName, value: string])[]

/** A release's default, and the release that introduced it; undefined when unknown. */
export const defaultAt = (values: Values, release: number): readonly [since: ReleaseName, value: string] | undefined =>
  values.findLast(([since]) => releaseNamed(since).index <= release)

/** Defaults of a project's options that differ between two releases, given by index. */
export const changedDefaults = (project: string, from: number, to: number): readonly ChangedDefault[] => {
  const all = services.find(({ recipe }) => recipe.release.project === project)?.options.defaults ?? []
  return all.flatMap(({ values, ...about }): readonly ChangedDefault[] => {
    const was = defaultAt(values, from)
    const is = defaultAt(values, to)
    if (was === undefined || is === undefined || was[1] === is[1]) return []
    return [{ ...about, was: was[1], is: is[1], since: findRelease(is[0]).id }]
  })
}
