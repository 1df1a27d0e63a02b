import type { About } from '../engine/about.ts'

/** Headings by the first part of a check's id, in document order. */
const groups: Readonly<Record<string, string>> = {
  source: 'The source',
  target: 'The target',
  both: 'Both sides',
  compute: 'Computes',
  local: 'The machine that runs swapctl',
  address: 'Addresses that move',
  tls: 'Certificates',
  mariadb: 'MariaDB',
  database: 'Databases',
  rabbitmq: 'RabbitMQ',
  memcached: 'Memcached',
  storage: 'Files and volumes',
  references: 'References between services',
  survey: 'The survey',
  settings: 'What becomes of the settings',
  cutover: 'Right before the addresses move',
}

const migrations = 'Rows that stop a migration'

/** 'source/cron' -> 'The source'; a migration's id has no slash; any other prefix is a service's name. */
const headingOf = ({ id }: About): string => {
  const [first = '', rest] = id.split('/')
  return rest === undefined ? migrations : (groups[first] ?? `Rows and settings of ${first}`)
}

const entry = ({ id, level, title, source, why, remedy, before }: About): string =>
  [
    `### \`${id}\` (${level})`,
    '',
    `${title}.`,
    '',
    `- Why: ${why}`,
    `- What to do: ${remedy.replace(/\.?$/, '.')}`,
    `- Source: ${source}`,
    ...(before === undefined ? [] : [`- Asked before: ${before.join(', ')}`]),
    '',
  ].join('\n')

const intro = `# Checks

\`swapctl check\` runs all of these and changes nothing; \`prepare\`, \`migrate\` and \`cutover\` run theirs first. Each title says
what must be true. A check at level block stops the command (exit code 2), one at level warn is only shown. A finding tells what it
found and what to do; the text here is the general case. To accept a finding that you have examined:
\`swapctl check --accept ID --reason TEXT\`.

This file is made from the code by \`npm run docs\`. Do not edit it.
`

/** The text of docs/checks.md: every check in groups, with what it asks, why, what to do, and its source. */
export const checksDocument = (checks: readonly About[]): string => {
  const found = [...new Set(checks.map(headingOf))]
  const known = Object.values(groups).filter((one) => found.includes(one))
  const services = found.filter((one) => !known.includes(one) && one !== migrations).toSorted()
  const sections = [...known, ...services, migrations].map((heading) => {
    const own = checks.filter((one) => headingOf(one) === heading).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    return own.length === 0 ? '' : `\n## ${heading}\n\n${own.map(entry).join('\n')}`
  })
  return `${intro}${sections.join('')}`
}
