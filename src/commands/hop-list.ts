import { existsSync } from 'node:fs'
import type { Config } from '../config.ts'
import { findRelease } from '../releases/release.ts'
import { suites, suiteText } from '../releases/suites.ts'
import type { Survey } from '../survey.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { type Options, surveyOf, withSession } from './session.ts'

/** A release whose schema tools the source's databases pass on their way. */
export interface NeededHop {
  readonly release: string
  readonly services: readonly string[]
  /** of the settings; absent when they have no section for it */
  readonly archive?: string
  readonly there: boolean
  /** suites that `swapctl hop make` can make it from */
  readonly suites: readonly string[]
}

/** The hop environments that this swap needs, in the order in which the databases pass them. */
export const hopsNeeded = (
  { services }: Pick<Survey, 'services'>,
  { hops, file }: Pick<Config, 'hops' | 'file'>,
  exists: (path: string) => boolean = existsSync,
): readonly NeededHop[] => {
  const passed = services.flatMap(({ name, databases }) =>
    databases.flatMap((database) =>
      database.hops.slice(0, -1).map((hop) => ({ name, release: findRelease(hop, file) })),
    ),
  )
  const releases = [...new Set(passed.map(({ release }) => release))].sort((one, other) => one.index - other.index)
  return releases.map((release) => {
    const archive = hops.find((hop) => findRelease(hop.release, file) === release)?.archive
    return {
      release: release.id,
      services: [...new Set(passed.filter((one) => one.release === release).map(({ name }) => name))],
      ...(archive === undefined ? {} : { archive }),
      there: archive !== undefined && exists(archive),
      suites: suites.filter((suite) => suite.release === release.name).map(suiteText),
    }
  })
}

/** One line for each environment, and the way to get it while it is not there. */
export const hopsNeededText = (needed: readonly NeededHop[]): string => {
  if (needed.length === 0) return 'no hop environment is needed: the schemas go to the target release in one step'
  return needed
    .map(({ release, services, archive, there, suites: from }) => {
      const state =
        archive === undefined
          ? `the settings have no [hop ${release}]`
          : `${archive} ${there ? 'is there' : 'is not there'}`
      const way =
        from.length === 0
          ? 'pack a root tree with its schema tools'
          : `swapctl hop make ${release}, from ${from.join(' or ')}`
      return `${release}: for ${services.join(', ')}; ${state}${there ? '' : `; to get it: ${way}`}`
    })
    .join('\n')
}

/** Shows which hop environments the swap needs, which are there, and how to get the others. Reads only. */
export const listHops = (options: Options): Promise<void> =>
  withSession('hop list', options, async (session) => {
    const needed = hopsNeeded(await surveyOf(session), session.config)
    process.stdout.write(`${options.json === true ? asJson(needed, 2) : forTerminal(hopsNeededText(needed))}\n`)
  })
