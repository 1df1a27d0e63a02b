import type { Resources, Thing } from './compare.ts'
import type { TableChange } from './compare-tables.ts'
import type { Cost } from './cost.ts'

type Outcome = 'made' | 'changed' | 'gone'

const heads: Readonly<Record<Outcome, string>> = {
  made: 'Made on the new controller, unknown to the old one:',
  changed: 'Changed on the new controller; the old one has their earlier state:',
  gone: 'Deleted on the new controller; the old one still lists them, though parts may be gone:',
}

const line = (thing: Thing): string => {
  const more = [thing.on === undefined ? '' : `on ${thing.on}`, thing.at === undefined ? '' : `${thing.at} UTC`]
  const told = more.filter((one) => one !== '').join(', ')
  return `    ${thing.id}  ${thing.name}${told === '' ? '' : `  (${told})`}`
}

const list = (things: readonly Thing[], most: number): readonly string[] => [
  ...things.slice(0, most).map(line),
  ...(things.length > most ? [`    and ${things.length - most} more`] : []),
]

const part = (resources: readonly Resources[], outcome: Outcome, most: number): readonly string[] => {
  const some = resources.filter((one) => one[outcome].length > 0)
  if (some.length === 0) return []
  return [
    heads[outcome],
    ...some.flatMap((one) => [`  ${one[outcome].length} x ${one.what}`, ...list(one[outcome], most)]),
  ]
}

const rowText = ({ table, made, changed, gone }: TableChange): string => {
  const said = [
    made > 0 ? `${made} made` : '',
    changed === undefined ? 'changes not known' : changed > 0 ? `${changed} changed` : '',
    gone !== undefined && gone > 0 ? `${gone} deleted` : '',
  ]
  return `  ${table}: ${said.filter((one) => one !== '').join(', ')}`
}

/** What a revert would lose, shown before it asks for confirmation; names at most `most` of each kind. */
export const costText = (cost: Cost, most = 20): string => {
  const tables = cost.tables.filter((one) => !one.own)
  const own = cost.tables.filter((one) => one.own)
  const resources = (['made', 'changed', 'gone'] as const).flatMap((outcome) => part(cost.resources, outcome, most))
  if (resources.length + tables.length === 0)
    return `The new controller has accepted nothing since it began to serve (${cost.since} UTC): a revert loses nothing`
  return [
    `A revert loses what the new controller has accepted since it began to serve (${cost.since} UTC):`,
    ...resources,
    ...(tables.length === 0 ? [] : ['Rows:', ...tables.map(rowText)]),
    ...(own.length === 0
      ? []
      : [`Written by the services themselves, not a loss: ${own.map((one) => one.table).join(', ')}`]),
  ].join('\n')
}
