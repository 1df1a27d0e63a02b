import type { Argv } from '../hosts/host.ts'
import { type Release, releaseNamed } from '../releases/release.ts'
import type { ReleaseName } from '../releases/series.ts'
import type { Database, Recipe, Sync } from './recipe.ts'

/** How the schema tools of a service are called, from a release on; what an entry does not say stays as it was. */
export interface Tools {
  readonly from: ReleaseName
  /** schema tool calls, in order */
  readonly sync?: readonly Sync[]
  /** data migrations that go with the release, after `sync` */
  readonly online?: readonly Sync[]
  /** SQLAlchemy's name of the MySQL driver that environments of that time have */
  readonly driver?: 'mysql' | 'mysql+pymysql'
  /**
   * Given where the tools put the database's URL through an ini file's interpolation without doubling its '%': what has to
   * be quoted stops them. 'password': in the URL as it is written; 'path': in the URL as SQLAlchemy writes it, where every
   * '/' of the socket is '%2F'. They then log in as an account made for the call, by a URL without either.
   */
  readonly plainUrl?: PlainUrl
  /** options without which the tools of that time do not start, by section, or that they take in another form than now */
  readonly settings?: Settings
  /** the oldest version of the release whose tools do all this, and what an older one does instead */
  readonly least?: { readonly version: string; readonly because: string }
}

export type PlainUrl = false | 'password' | 'path'

/** section -> option -> value */
export type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What holds at one release. */
export interface ToolSet {
  readonly sync: readonly Sync[]
  readonly online: readonly Sync[]
  readonly driver: 'mysql' | 'mysql+pymysql'
  readonly plainUrl: PlainUrl
  readonly settings: Settings
  /** only of this very release */
  readonly least?: Tools['least']
}

/** Until kilo MySQL-python was what packages and images had. */
const oldest: ToolSet = { sync: [], online: [], driver: 'mysql', plainUrl: false, settings: {} }
const pymysqlSince = releaseNamed('liberty').index

/** The calls of a service's tools at a release; no calls where the service did not exist yet. */
export const toolsOf = ({ tools }: Pick<Recipe, 'tools'>, release: Release): ToolSet => {
  const start: ToolSet = release.index < pymysqlSince ? oldest : { ...oldest, driver: 'mysql+pymysql' }
  return tools
    .filter(({ from }) => releaseNamed(from).index <= release.index)
    .reduce((known, { from, least, ...more }) => {
      const { least: _, ...lasting } = known
      return { ...lasting, ...more, ...(least && from === release.name ? { least } : {}) }
    }, start)
}

/** The databases that a service's tools carry on at a release. */
export const databasesAt = ({ databases }: Pick<Recipe, 'databases'>, release: Release): readonly Database[] =>
  databases.filter(({ since }) => since === undefined || releaseNamed(since).index <= release.index)

/** Whether a service of this release cannot be without the database; `undefined`: a release that nobody knows. */
export const needs = ({ since, needed = since }: Database, release: Release | undefined): boolean =>
  needed === undefined || release === undefined || releaseNamed(needed).index <= release.index

/** The same call with one more config file, read after those that the tool reads anyway: what it says counts. */
export const withConfig = (argv: Argv, { files }: Pick<Recipe, 'files'>, path: string): Argv => {
  const [program, ...words] = argv
  let named = 0
  while (words[named] === '--config-file') named += 2
  const own = named > 0 ? words.slice(0, named) : ['--config-file', files[0]?.path ?? '']
  return [program, ...own, '--config-file', path, ...words.slice(named)]
}
