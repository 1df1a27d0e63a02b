// Writes the tables of options that are gone, from a table of every option name that releases from Havana on had and the
// newest has no more: node tools/gone-options.mjs < option-history.tsv. A service's own options, and those of its libraries
// that are named here, go into src/services/NAME/gone-options.ts, those of the oslo libraries into src/transfer/data/.
//
// The table is made by reading the option definitions (cfg.StrOpt and the like) out of the syntax trees of every release
// tag of each project. Columns: project, old group, old name, releases where it is live, 'alias of' with the releases
// carrying the alias, hint, first release without it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const src = join(import.meta.dirname, '../src')
const services = readdirSync(join(src, 'services'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
/** Libraries of a service, and those of all. */
const homes = { glance_store: 'glance', keystonemiddleware: 'keystone' }
const oslo = ['oslo.db', 'oslo.log', 'oslo.messaging', 'oslo.policy']

const homeOf = (project) =>
  services.includes(project) ? project : (homes[project] ?? (oslo.includes(project) ? '' : undefined))

/** {home: {'project, gone, group': names}}; the home of the oslo libraries is ''. */
const tables = new Map(['', ...services].map((home) => [home, new Map()]))
const [, ...rows] = readFileSync(0, 'utf8').trimEnd().split('\n')
for (const row of rows) {
  const [project, group, name, , alias, , gone] = row.split('\t')
  const lines = tables.get(homeOf(project))
  if (lines === undefined || !gone || /[\s=`$\\]/.test(group + name)) continue
  // only what became exactly one other option
  const [, toGroup, toName] = /^\[([\w<>.-]+)\]([\w-]+) \([^)]*\)$/.exec(alias) ?? []
  const key = [project, gone, group].join('\t')
  lines.set(key, [...(lines.get(key) ?? []), toName ? `${name}=${toGroup === group ? '' : toGroup}.${toName}` : name])
}

for (const [home, lines] of tables) {
  const table = [...lines].map(([key, names]) => `${key}\t${names.join(' ')}`).sort()
  const path = join(src, home === '' ? 'transfer/data' : `services/${home}`, 'gone-options.ts')
  writeFileSync(
    path,
    `/** Made by tools/gone-options.mjs from the option definitions of every release tag; not to be edited. */
export const ${home === '' ? 'goneOptions' : `${home}GoneOptions`} = \`
${table.map((line) => `${line}\n`).join('')}\`
`,
  )
}
