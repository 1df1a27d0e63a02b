import { dirname, posix, resolve } from 'node:path'
import { type HopFormName, type HopSetting, hopForms } from '../config.ts'
import { hopsDirectory } from '../places.ts'
import { releaseCalled } from '../releases/release.ts'
import { recipes } from '../services/index.ts'
import type { Section } from './text.ts'
import { complain, expand, refuseTwice, releaseIn } from './values.ts'

/** Forms that somebody may look for, each with the way round. */
const refused: Readonly<Record<string, string>> = {
  command:
    "what a command enters has its own config files, database and network: swapctl could not keep its tools from the source's database. Name the files instead: the root of a container or chroot is a tree (tree = /var/lib/lxc/NAME/rootfs)",
  image:
    'swapctl starts no container; export its files instead: podman create IMAGE, podman export ID | zstd >FILE.tar.zst, then archive = FILE.tar.zst',
}

/** The options of a [hop ...] section. */
export const hopOptions: Readonly<Record<string, 'optional'>> = Object.fromEntries(
  [...hopForms, ...Object.keys(refused)].map((key) => [key, 'optional'] as const),
)

/** The environments in the settings. Throws SwapError (exit 2) naming file, section and option. */
export const hopsIn = (file: string, sections: readonly Section[], target: string): readonly HopSetting[] => {
  const hops = sections.map((section) => hopOf(file, section))
  const keys = hops.map(({ release, service }) => [releaseCalled(release)?.name, service].filter(Boolean).join(' '))
  const about = sections.map((section, index) => {
    const key = keys[index] ?? ''
    return { section, key, twice: (other: string) => `${key} is in ${other} already` }
  })
  refuseTwice(file, 'NAME', about)
  const own = hops.findIndex(({ release }) => releaseCalled(release) === releaseCalled(target))
  if (own >= 0)
    throw complain(
      file,
      sections[own] as Section,
      'NAME',
      `${hops[own]?.release} is the release of the target: it is no hop`,
    )
  return hops
}

const hopOf = (file: string, section: Section): HopSetting => {
  const [name = '', service, ...more] = section.name.split(/\s+/)
  const release = releaseIn(file, section, 'NAME', name)
  if (more.length > 0) throw complain(file, section, 'NAME', 'it is [hop RELEASE] or [hop RELEASE SERVICE]')
  if (service !== undefined && !recipes.some(({ name }) => name === service))
    throw complain(
      file,
      section,
      'NAME',
      `no service is called '${service}'; known: ${recipes.map(({ name }) => name).join(', ')}`,
    )
  const named = { release, ...(service === undefined ? {} : { service }) }
  const form = onlyForm(file, section)
  const text = section.values[form] ?? ''
  if (form === 'archive') return { ...named, archive: resolve(dirname(file), expand(text)) }
  const path = onTarget(file, section, form, text)
  return form === 'tree' ? { ...named, tree: path } : { ...named, venv: path }
}

const onlyForm = (file: string, section: Section): HopFormName => {
  for (const [key, why] of Object.entries(refused))
    if (section.values[key] !== undefined) throw complain(file, section, key, why)
  const [form, other] = hopForms.filter((key) => section.values[key] !== undefined)
  if (form === undefined)
    throw complain(file, section, 'archive', `is missing; or set ${hopForms.slice(1).join(' or ')}`)
  if (other !== undefined)
    throw complain(file, section, other, `${form} is set already: an environment has one form, keep one of them`)
  if (section.values[form] === '') throw complain(file, section, form, 'has no value')
  return form
}

/** The directory of swapctl's own files on the target, which `finish` removes. */
const own = dirname(hopsDirectory)

/** Paths become properties of units, in which other characters have a meaning. */
const onTarget = (file: string, section: Section, key: string, text: string): string => {
  if (!/^\/[\w.@+,=~/-]+$/.test(text))
    throw complain(
      file,
      section,
      key,
      `'${text}' is not an absolute path on the target, of letters, digits and _.@+,=~-`,
    )
  const path = posix.normalize(text).replace(/\/$/, '')
  if (path === '') throw complain(file, section, key, "the target's own root is no environment")
  if (path === own || path.startsWith(`${own}/`))
    throw complain(file, section, key, `${own} is swapctl's own, and swapctl finish removes it: put it elsewhere`)
  return path
}
