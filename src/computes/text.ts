import type { Silent } from '../ask/beside.ts'
import type { MovingAddress } from '../config.ts'
import { bracketed } from '../hosts/place.ts'
import { ownName } from '../hosts/sides.ts'
import { table } from '../text/table.ts'
import type { ComputeLeads } from './ask.ts'
import type { Judged } from './leads.ts'

const placeOf = ({ host, port, addresses }: Judged): string => {
  const place = `${bracketed(host)}${port === undefined ? '' : `:${port}`}`
  if (addresses.length === 0) return `${place} (does not resolve there)`
  return addresses.includes(host) ? place : `${place} (${addresses.join(', ')})`
}

const fromOf = ({ set, open = 0 }: Judged): string =>
  set === undefined ? `${open} open` : `${set.option} in ${set.file}`

const row = (lead: Judged): readonly string[] => [
  lead.direction,
  lead.use === 'open' ? 'now' : lead.use,
  placeOf(lead),
  fromOf(lead),
  lead.by.join(', '),
]

export const isBehind = ({ direction }: Judged): boolean => direction === 'stays behind'

const headOf = ({ host, agents, leads }: ComputeLeads): string => {
  const behind = leads.filter(isBehind).length
  const name = ownName(host)
  if (agents.length === 0) return `${name}: no agent that swapctl knows is installed or runs there`
  const told = (what: string, some: typeof agents): string =>
    some.length === 0 ? '' : `; ${what}: ${some.map((agent) => agent.name).join(', ')}`
  const stopped = told(
    'not running',
    agents.filter(({ active }) => !active),
  )
  const unread = told(
    'settings not found',
    agents.filter(({ files }) => files.length === 0),
  )
  return `${name}: ${behind === 0 ? 'nothing stays behind' : `${behind} of ${leads.length} stay behind`}${stopped}${unread}`
}

export const computeText = (compute: ComputeLeads): string =>
  [headOf(compute), ...table(compute.leads.map(row)).map((line) => `  ${line}`)].join('\n')

const names = (all: readonly ComputeLeads[]): string => all.map(({ host }) => ownName(host)).join(', ')

/** What the list means for the swap, and what to do. */
export const summaryText = (
  computes: readonly ComputeLeads[],
  silent: readonly Silent[],
  moving: readonly MovingAddress[],
): string => {
  const behind = computes.filter(({ leads }) => leads.some(isBehind))
  const all = computes.length + silent.length
  if (all === 0) return 'The settings name no compute: add a section [compute NAME] for each'
  const asked = silent.length === 0 ? '' : `, ${silent.length} gave no answer`
  if (behind.length === 0) return `${computes.length} of ${all} computes: nothing stays behind${asked}`
  return [
    `${behind.length} of ${all} computes do not follow the cutover with everything: ${names(behind)}${asked}`,
    `What stays behind talks to the old controller after the cutover. Let each of these options lead to an address that moves (${moving.map(({ address }) => address).join(', ')}), by address or by name, and restart the agents that read it; or run swapctl computes retarget once the cutover is confirmed`,
  ].join('\n')
}
