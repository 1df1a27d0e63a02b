import type { Context } from '../context.ts'
import { type HostName, sideOf } from '../hosts/host.ts'
import { recipes } from '../services/index.ts'
import { otherAgents } from '../services/other-agents.ts'
import { once, texts } from './once.ts'

export interface Setting {
  readonly file: string
  readonly key: string
  readonly value: string
}

/** Where services keep their settings on a compute. */
const placesOnComputes = [...recipes.flatMap(({ onComputes }) => onComputes?.etc ?? []), ...otherAgents.etc]

/** Options set in oslo.config files, without comments. Values may contain passwords: never print a whole one. */
export const settingsOf = (files: ReadonlyMap<string, string>): readonly Setting[] =>
  [...files].flatMap(([file, text]) =>
    text.split('\n').flatMap((line): readonly Setting[] => {
      const match = /^\s*([A-Za-z0-9_.-]+)\s*[=:]\s*(\S.*?)\s*$/.exec(line)
      return match === null ? [] : [{ file, key: match[1] ?? '', value: match[2] ?? '' }]
    }),
  )

/** All settings of a machine's services, from all their config files. */
export const settingsAt = async (context: Context, name: HostName): Promise<readonly Setting[]> => {
  const paths = sideOf(name) === 'source' ? context.recipes.flatMap((recipe) => recipe.etc) : placesOnComputes
  if (paths.length === 0) return []
  return settingsOf((await once(context, name, texts(paths, ['.conf', '.ini']))) ?? new Map())
}
