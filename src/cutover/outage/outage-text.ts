import { table } from '../../text/table.ts'
import type { ComputeReturn, PortReturn } from '../keepers/returns.ts'
import type { ApiOutage, Between, Outage } from './outage.ts'
import { slowConnect } from './probe.ts'

const clock = (time: string | undefined): string => time?.slice(11, 23) ?? ''
const length = (seconds: number): string => `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
const between = ({ from, to }: Between): string => `${clock(from)} to ${clock(to)}`

const frozen = ({ freeze }: ApiOutage): string => {
  if (freeze === undefined) return 'never'
  return freeze.seconds === undefined ? 'not back' : length(freeze.seconds)
}

const heads = ['API', 'frozen', 'from', 'until', 'gap at the move', 'worst gap', 'total', 'failed', 'slowest connect']

const row = (api: ApiOutage): readonly string[] => [
  api.name,
  frozen(api),
  `${clock(api.freeze?.from)}${api.freeze?.by === 'journal' ? ' *' : ''}`,
  clock(api.freeze?.to),
  api.move === undefined ? 'not moved' : api.move.gap === 0 ? 'none' : length(api.move.gap),
  api.worstGap === 0 ? 'none' : length(api.worstGap),
  api.total === 0 ? 'none' : length(api.total),
  `${api.failed} of ${api.tries}`,
  `${api.slowestConnect.toFixed(1)} ms`,
]

const moveText = ({ move, moves }: Outage): string => {
  if (move === undefined) return 'The addresses were not moved'
  const when = moves.map(between).join(' and ')
  const lost =
    move.lost === 0
      ? `none of ${move.tries} probes was lost`
      : `${move.lost} of ${move.tries} probes were lost, the longest gap was ${length(move.gap)} (${move.worst ?? ''})`
  return `Around the move (${when}) ${lost}; slowest connect ${move.slowestConnect.toFixed(1)} ms, ${move.slow} took over ${slowConnect} ms (goal: none lost, none over ${slowConnect} ms)`
}

/** Seconds within which a compute's AMQP should be back. */
const goal = 5

const goalOf = ({ name }: PortReturn): string => (name.startsWith('AMQP') ? ` (goal ${goal} s)` : '')

const portText = (port: PortReturn): string => {
  const left = port.left === 0 ? '' : `, ${port.left} old ones still open`
  if (port.first === undefined) return `${port.name} not back (${port.before} before)${left}`
  const all =
    port.all === undefined ? `${port.now} of ${port.before} so far` : `all ${port.before} after ${length(port.all)}`
  return `${port.name} back after ${length(port.first)}${goalOf(port)}, ${all}${left}`
}

const computeText = ({ name, ports, broker, says }: ComputeReturn): string => {
  if (ports.length === 0)
    return `${name}: ${says === undefined ? 'no connections to the addresses before the move' : `not checked: ${says}`}`
  const listed = broker === undefined ? [] : [`the new broker lists ${broker}`]
  const until = says === undefined ? [] : [`then no longer checked: ${says}`]
  return `${name}: ${[...ports.map(portText), ...listed, ...until].join('; ')}`
}

const heldText = ({ move }: Outage): string =>
  move === undefined || move.held === 0
    ? ''
    : `; ${move.held} connects that only look slow because of that are not counted`

/** The report as text; times are UTC. */
export const outageText = (outage: Outage): string => {
  if (outage.apis.length === 0) return 'No API was probed'
  const since = outage.frozenSince === undefined ? '' : `; frozen since ${clock(outage.frozenSince)}`
  const guessed = outage.apis.some(({ freeze }) => freeze?.by === 'journal')
  const leftOut = Object.entries(outage.leftOut).map(([name, count]) => `${count} of ${name}`)
  return [
    moveText(outage),
    `Measured from this machine, ${clock(outage.from)} to ${clock(outage.to)} UTC${since}`,
    ...table([heads, ...outage.apis.map(row)]),
    ...(guessed ? ['* taken from the journal: no refused call was seen'] : []),
    ...(outage.moves.length === 0 ? [] : outage.computes.map(computeText)),
    ...outage.unwatched.map((span) => `Not measured ${between(span)}: swapctl was not running`),
    ...(outage.late > slowConnect
      ? [`This machine was busy: the probe itself was up to ${outage.late} ms late${heldText(outage)}`]
      : []),
    ...(leftOut.length === 0 ? [] : [`Probes skipped because too many were in progress: ${leftOut.join(', ')}`]),
  ].join('\n')
}
