import { addressMap } from '../../src/transfer/addresses.ts'
import { type Merge, mergeConfig } from '../../src/transfer/merge.ts'
import { type GeneratorOutput, knownOptions } from '../../src/transfer/options.ts'
import { get, parse } from '../../src/transfer/oslo-conf.ts'

/** A target's metadata: sections with options separated by blanks; aliases as 'section.old' -> 'section.new'. */
export const metadata = (
  sections: Readonly<Record<string, string>>,
  aliases: Readonly<Record<string, string>> = {},
): GeneratorOutput => {
  const deprecated: Record<string, GeneratorOutput['deprecated_options'][string][number][]> = {}
  for (const [from, to] of Object.entries(aliases)) {
    const [group = '', name = ''] = from.split('.')
    const [replacement_group = '', replacement_name = ''] = to.split('.')
    deprecated[group] = [...(deprecated[group] ?? []), { name, replacement_group, replacement_name }]
  }
  const option = (name: string) => ({
    name,
    dest: name,
    type: 'string value',
    secret: /password|connection|backend_argument|replication_device/.test(name),
  })
  return {
    options: Object.fromEntries(
      Object.entries(sections).map(([section, names]) => [section, { opts: names.split(' ').map(option) }]),
    ),
    deprecated_options: deprecated,
  }
}

/** 10.0.0.11 is the source's own, 10.0.0.12 the target's; the source is named old. */
const map = addressMap(
  { file: 'x', addresses: [], counterparts: [{ source: '10.0.0.11', target: '10.0.0.12' }] },
  [],
  'old',
)

/** Merges into an empty file (or `more.target`) of 2025.1; `at('section', 'option')` is the value the target reads. */
export const merged = (project: string, source: string, known: GeneratorOutput, more: Partial<Merge> = {}) => {
  const path = `/etc/${project}/${project}.conf`
  const options = knownOptions(known)
  const { text, decisions } = mergeConfig({
    path,
    project,
    source,
    target: '',
    options,
    map,
    release: '2025.1',
    ...more,
  })
  const file = parse(text)
  return {
    text,
    decisions,
    at: (section: string, option: string) => get(file, section, option),
    of: (option: string) => decisions.filter((one) => one.option === option),
  }
}
