import { goneOption, releaseIndex } from './gone.ts'
import { recordedOptions } from './known-table.ts'
import type { KnownOptions } from './options.ts'
import { sameSection } from './oslo-conf.ts'
import { gone, moves } from './rules.ts'

/** Options of a target that cannot be asked yet: all, except those the data lists as removed by its release. */
export const goneDataOf = (project: string, release: string): KnownOptions => {
  const here = (projects: string, sections: string, section: string): boolean =>
    ['*', project].includes(projects) && sections.split('|').some((it) => it === '*' || sameSection(it, section))
  const isGone = (section: string, name: string): boolean => {
    const found = goneOption(project, section, name)
    return (
      (found !== undefined && releaseIndex(found.release) <= releaseIndex(release)) ||
      moves.some(([projects, sections, old]) => old === name && here(projects, sections, section)) ||
      gone.some(([projects, sections, names]) => names.split(' ').includes(name) && here(projects, sections, section))
    )
  }
  return {
    live: (section, name) => (isGone(section, name) ? undefined : { section, name, multi: false, secret: false }),
    replacements: () => [],
    open: () => true,
    hides: recordedOptions(project, release).hides,
  }
}
