// Writes src/transfer/data/gone-options.ts from a table of every option name that releases from Havana on had and the
// newest has no more: node tools/gone-options.mjs < option-history.tsv > src/transfer/data/gone-options.ts
//
// The table is made by reading the option definitions (cfg.StrOpt and the like) out of the syntax trees of every release
// tag of each project. Columns: project, old group, old name, releases where it is live, 'alias of' with the releases
// carrying the alias, hint, first release without it.
import { readFileSync } from 'node:fs'

const projects = new Set([
  ...['keystone', 'glance', 'glance_store', 'nova', 'placement', 'neutron', 'cinder', 'heat', 'keystonemiddleware'],
  ...['oslo.db', 'oslo.log', 'oslo.messaging', 'oslo.policy'],
])
const [, ...rows] = readFileSync(0, 'utf8').trimEnd().split('\n')
const lines = new Map()
for (const row of rows) {
  const [project, group, name, , alias, , gone] = row.split('\t')
  if (!projects.has(project) || !gone || /[\s=`$\\]/.test(group + name)) continue
  // only what became exactly one other option
  const [, toGroup, toName] = /^\[([\w<>.-]+)\]([\w-]+) \([^)]*\)$/.exec(alias) ?? []
  const key = [project, gone, group].join('\t')
  lines.set(key, [...(lines.get(key) ?? []), toName ? `${name}=${toGroup === group ? '' : toGroup}.${toName}` : name])
}
const table = [...lines].map(([key, names]) => `${key}\t${names.join(' ')}`).sort()
process.stdout.write(`/**
 * Options that are gone: project, first release without the name (alias included), section, names; all by tabs, names by
 * blanks. 'old=section.new' became another option; 'old=.new' one in the same section. '<backend>' is any section of a cinder
 * backend. Made by tools/gone-options.mjs from the option definitions of every release tag; not to be edited.
 */
export const goneOptions = \`
${table.join('\n')}
\`
`)
