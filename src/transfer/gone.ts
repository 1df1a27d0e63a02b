import { findRelease } from '../releases/release.ts'
import { goneLines, librariesOf, sharedLibraries } from './rules.ts'

export interface GoneOption {
  /** first release without it: 'ussuri', '2024.1'; 'master' comes after the newest */
  readonly release: string
  /** the option that replaces it */
  readonly to?: { readonly section: string; readonly name: string }
}

const key = (project: string, section: string, name: string): string =>
  `${project}\t${section === 'DEFAULT' ? section : section.toLowerCase()}\t${name}`

const read = (): ReadonlyMap<string, GoneOption> => {
  const index = new Map<string, GoneOption>()
  for (const line of goneLines) {
    const [project = '', release = '', section = '', names = ''] = line.split('\t')
    for (const word of names.split(' ')) {
      const [name = '', to] = word.split('=')
      const [toSection, toName] = to === undefined ? [] : [to.slice(0, to.indexOf('.')), to.slice(to.indexOf('.') + 1)]
      const replacement = toName === undefined ? {} : { to: { section: toSection || section, name: toName } }
      index.set(key(project, section, name), { release, ...replacement })
    }
  }
  return index
}

let index: ReadonlyMap<string, GoneOption> | undefined

/**
 * What is known of a former option in a project's file, its own or a library's; undefined when it is not known to have
 * been removed.
 */
export const goneOption = (project: string, section: string, name: string): GoneOption | undefined => {
  index ??= read()
  const owners = [project, ...librariesOf(project), ...sharedLibraries]
  for (const owner of owners) {
    const found = index.get(key(owner, section, name))
    if (found !== undefined) return found
  }
  // an operator chooses the name of a backend's section
  const backend = index.get(key(project, '<backend>', name))
  const to = backend?.to?.section === '<backend>' ? { to: { section, name: backend.to.name } } : {}
  return backend && { ...backend, ...to }
}

/** Index of a release in the data; 'master' comes after the newest. */
export const releaseIndex = (release: string): number =>
  release === 'master' ? Number.POSITIVE_INFINITY : findRelease(release).index
