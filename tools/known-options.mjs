// Writes the table of the options that a release's own packages know: src/services/NAME/known-options.ts. On a machine with the
// packages of that release, with the namespaces of src/services/NAME/recipe.ts:
// oslo-config-generator --format json --namespace ... | node tools/known-options.mjs NAME
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [name] = process.argv.slice(2)
const { options, deprecated_options: aliases } = JSON.parse(readFileSync(0, 'utf8'))

/** 'name', with * when its lines make a list, ! when it is a secret, - when it is to be removed later. */
const word = ({ dest, type, secret, deprecated_for_removal: leaving }) =>
  `${dest}${type === 'multi valued' ? '*' : ''}${secret ? '!' : ''}${leaving ? '-' : ''}`

/** The key that a file has, by the name that the aliases give. */
const dests = new Map(
  Object.entries(options).flatMap(([section, { opts }]) => opts.map((opt) => [`${section} ${opt.name}`, opt.dest])),
)

const oldNames = (section) =>
  (aliases[section] ?? []).flatMap((alias) => {
    const dest = dests.get(`${alias.replacement_group} ${alias.replacement_name}`)
    const group = alias.replacement_group === section ? '' : alias.replacement_group
    return dest === undefined || /[\s=]/.test(alias.name) ? [] : [`${alias.name}=${group}.${dest}`]
  })

const sections = [...new Set([...Object.keys(options), ...Object.keys(aliases)])].sort()
const lines = sections.flatMap((section) => {
  const names = [...new Set((options[section]?.opts ?? []).map(word))].sort()
  const words = [...names, ...new Set(oldNames(section).sort())]
  return words.length === 0 ? [] : [`${section}\t${words.join(' ')}`]
})

const path = join(import.meta.dirname, `../src/services/${name}/known-options.ts`)
writeFileSync(
  path,
  `/** Made by tools/known-options.mjs from what oslo-config-generator of 2025.1 prints; not to be edited. */
export const ${name}KnownOptions = \`
${lines.map((line) => `${line}\n`).join('')}\`
`,
)
