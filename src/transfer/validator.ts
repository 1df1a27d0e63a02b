import type { Argv, Host } from '../hosts/host.ts'
import type { ConfigFile } from '../services/recipe.ts'
import type { Decision } from './decision.ts'
import { sameSection } from './oslo-conf.ts'

/** The result of the target's oslo-config-validator for one file. */
export interface Validation {
  readonly path: string
  /** options on no list of the target's packages; `decided`: a decision says that they stay anyway */
  readonly unknown: readonly { readonly section: string; readonly option: string; readonly decided: boolean }[]
  /** why there is no result: it is not installed, or could not read the file */
  readonly failed?: string
}

/** '[group, option]' of each error on its stderr (oslo_config/validator.py). The rest may quote a line of the file. */
export const unknownIn = (stderr: string): readonly (readonly [section: string, option: string])[] =>
  [...stderr.matchAll(/^ERROR:[^:\n]*:(.+)\/([^/\n]+) is not part of the sample config$/gm)].map(
    ([, section = '', option = '']) => [section, option] as const,
  )

const stays: readonly Decision['fate'][] = ['kept', 'rewritten', 'set', 'pinned']

/** Validates one existing file on the target; `decisions`: those on it. Reads only. */
export const askValidator = async (
  target: Host,
  { path, namespaces }: ConfigFile,
  decisions: readonly Decision[],
): Promise<Validation> => {
  const words = namespaces.flatMap((name) => ['--namespace', name])
  const argv: Argv = ['oslo-config-validator', '--input-file', path, ...words]
  const { code, stderr } = await target.run({ argv, limit: 120 })
  const unknown = unknownIn(stderr).map(([section, option]) => ({
    section,
    option,
    decided: decisions.some(
      (it) => it.file === path && it.option === option && sameSection(it.section, section) && stays.includes(it.fate),
    ),
  }))
  if (code === 127) return { path, unknown: [], failed: 'it is not installed' }
  if (code === 0 || unknown.length > 0) return { path, unknown }
  return { path, unknown, failed: `it exited ${code} and named no option: run it by hand on ${target.name}` }
}

/** The result in one line; undecided options come first. */
export const validationText = ({ path, unknown, failed }: Validation): string => {
  const head = `oslo-config-validator on the target, ${path}: `
  if (failed !== undefined) return `${head}no answer, ${failed}`
  if (unknown.length === 0) return `${head}no error`
  const named = unknown
    .toSorted((a, b) => Number(a.decided) - Number(b.decided))
    .map(
      ({ section, option, decided }) => `${decided ? '' : 'LOOK '}[${section}] ${option}${decided ? ' (decided)' : ''}`,
    )
  return `${head}not in its lists: ${named.join(', ')}`
}
