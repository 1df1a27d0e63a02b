import { refuse } from '../errors.ts'
import { type ReleaseName, series } from './series.ts'

export interface Release {
  /** 'epoxy' */
  readonly name: ReleaseName
  /** upstream's id of the series: the number since 2023.1 ('2025.1'), before that the name ('victoria') */
  readonly id: string
  /** '2020.2' for victoria: the number packagers use */
  readonly number: string
  /** day of its first final version */
  readonly date: string
  /** position in the list of all releases */
  readonly index: number
}

export const releases: readonly Release[] = series.map(([name, number, date], index) => ({
  name,
  id: number >= '2023.1' ? number : name,
  number,
  date,
  index,
}))

const byName = new Map(releases.map((release) => [release.name, release]))

/** A release by its name in the data files, where the compiler checks the spelling. */
export const releaseNamed = (name: ReleaseName): Release => {
  const release = byName.get(name)
  if (!release) throw new TypeError(`no such release: ${name}`)
  return release
}

/**
 * The release an operator means, by name or number in any case ('epoxy', '2025.1', 'Zed', '2022.2'); undefined:
 * unknown.
 */
export const releaseCalled = (nameOrId: string): Release | undefined => {
  const word = nameOrId.trim().toLowerCase()
  return releases.find((release) => release.name === word || release.number === word)
}

/** The message for a word that names no release. */
export const noRelease = (nameOrId: string): string => `'${nameOrId}' is not an OpenStack release that swapctl knows`

/** Every release by name, newer ones also by number. */
export const knownReleases = (): string =>
  releases.map((release) => (release.id === release.name ? release.name : `${release.id} (${release.name})`)).join(', ')

/** The release an operator means. Throws SwapError (exit 2) with the known names when there is none. */
export const findRelease = (nameOrId: string, where = 'release'): Release => {
  const found = releaseCalled(nameOrId)
  if (found === undefined) throw refuse(where, noRelease(nameOrId), `Use one of: ${knownReleases()}`)
  return found
}

/**
 * The MAJOR of a project's first MAJOR.x version and its release; each later release adds one. Older versions are the
 * release's own number (nova 2015.1.4 = kilo), unless the project `began` with this one (placement, split from nova).
 * Source: openstack/releases deliverables/SERIES/PROJECT.yaml, liberty to gazpacho.
 */
export interface FirstMajor {
  readonly release: ReleaseName
  readonly major: number
  readonly began?: true
}

/**
 * The release of a package version, by the project's numbering: '2:22.0.1-2+deb11u1' of nova is victoria,
 * '1:2015.1.4-0ubuntu2' is kilo. Epoch, point release, pre-release and packaging suffix are ignored. Undefined for an
 * unknown release.
 */
export const releaseOfVersion = (known: FirstMajor, version: string): Release | undefined => {
  const [, first = '', second = ''] = /^(?:\d+:)?(\d+)\.(\d+)/.exec(version.trim()) ?? []
  const start = releaseNamed(known.release)
  const years = known.began === true ? 0 : start.index
  if (first.length === 4) return releases.find((r) => r.index < years && r.number === `${first}.${second}`)
  if (first === '' || Number(first) < known.major) return undefined
  return releases[start.index + Number(first) - known.major]
}

/** Whether a package version ('2:14.0.0-0ubuntu1') is older than an upstream version ('14.0.7'). */
export const olderVersion = (version: string, than: string): boolean => {
  const [a, b] = [version.trim().replace(/^\d+:/, ''), than].map((one) => /^\d+(?:\.\d+)*/.exec(one)?.[0] ?? '')
  const [have = [], want = []] = [a, b].map((one) => (one ?? '').split('.').map(Number))
  const place = want.findIndex((part, index) => (have[index] ?? 0) !== part)
  return place >= 0 && (have[place] ?? 0) < (want[place] ?? 0)
}
