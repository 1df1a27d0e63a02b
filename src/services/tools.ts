import type { Argv } from '../hosts/host.ts'
import { type Release, releaseNamed } from '../releases/release.ts'
import type { ReleaseName } from '../releases/series.ts'
import type { Database, Recipe, Sync } from './recipe.ts'

/** How to call a service's schema tools from a release on; fields that an entry omits stay as before. */
export interface Tools {
  readonly from: ReleaseName
  /** schema tool calls, in order */
  readonly sync?: readonly Sync[]
  /** the release's data migrations, after `sync` */
  readonly online?: readonly Sync[]
  /** SQLAlchemy's name of the MySQL driver in environments of that time */
  readonly driver?: 'mysql' | 'mysql+pymysql'
  /**
   * Set when the tools put the database URL through an ini file's interpolation without doubling '%', so that quoted
   * characters break them. 'password': in the URL as written; 'path': in the URL as SQLAlchemy writes it, where every
   * '/' of the socket is '%2F'. Such tools log in with an account created for the call, by a URL without either.
   */
  readonly plainUrl?: PlainUrl
  /** the option in which tools of that time look for the database's URL; `connection` of the database's section otherwise */
  readonly url?: UrlOption | false
  /** options, by section, that tools of that time need to start, or need in another form than now */
  readonly settings?: Settings
  /** the oldest version of the release whose tools work like this, and what older ones do instead */
  readonly least?: { readonly version: string; readonly because: string }
}

export type UrlOption = readonly [section: string, option: string]

export type PlainUrl = false | 'password' | 'path'

/** section -> option -> value */
export type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The effective values for one release. */
export interface ToolSet {
  readonly sync: readonly Sync[]
  readonly online: readonly Sync[]
  readonly driver: 'mysql' | 'mysql+pymysql'
  readonly plainUrl: PlainUrl
  readonly url: UrlOption | false
  readonly settings: Settings
  /** for this release only */
  readonly least?: Tools['least']
}

/** Up to kilo packages and images had MySQL-python. */
const oldest: ToolSet = { sync: [], online: [], driver: 'mysql', plainUrl: false, url: false, settings: {} }
const pymysqlSince = releaseNamed('liberty').index

/** The calls of a service's tools at a release; none if the service did not exist yet. */
export const toolsOf = ({ tools }: Pick<Recipe, 'tools'>, release: Release): ToolSet => {
  const start: ToolSet = release.index < pymysqlSince ? oldest : { ...oldest, driver: 'mysql+pymysql' }
  return tools
    .filter(({ from }) => releaseNamed(from).index <= release.index)
    .reduce((known, { from, least, ...more }) => {
      const { least: _, ...lasting } = known
      return { ...lasting, ...more, ...(least && from === release.name ? { least } : {}) }
    }, start)
}

/** The databases that a service's tools upgrade at a release. */
export const databasesAt = ({ databases }: Pick<Recipe, 'databases'>, release: Release): readonly Database[] =>
  databases.filter(({ since }) => since === undefined || releaseNamed(since).index <= release.index)

/** Whether this release requires the database; `undefined`: an unknown release. */
export const needs = ({ since, needed = since }: Database, release: Release | undefined): boolean =>
  needed === undefined || release === undefined || releaseNamed(needed).index <= release.index

/** The same call with one more config file, read after the tool's own files and overriding them. */
export const withConfig = (argv: Argv, { files }: Pick<Recipe, 'files'>, path: string): Argv => {
  const [program, ...words] = argv
  let named = 0
  while (words[named] === '--config-file') named += 2
  const own = named > 0 ? words.slice(0, named) : ['--config-file', files[0]?.path ?? '']
  return [program, ...own, '--config-file', path, ...words.slice(named)]
}
