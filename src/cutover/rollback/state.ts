import { askMaybe } from '../../ask/question.ts'
import { SwapError } from '../../errors.ts'
import type { Host, Hosts } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import type { Side } from '../keepers/edits.ts'
import { home } from './data.ts'

const words = ['armed', 'putting-back', 'put-back', 'confirmed', 'sealed'] as const

/** The state of one side's rollback timer, as that machine reports it. */
export interface SideState {
  readonly state: (typeof words)[number]
  /** ISO 8601, when the state began, by the machine's clock */
  readonly at: string
  readonly why: string
  /** seconds until the rollback, by the machine's monotonic clock; negative when overdue */
  readonly left: number
  /** it was told to roll back whichever machine answers */
  readonly insists: boolean
}

/** 'none': the machine has no cutover state. 'silent': the machine does not answer. */
export type Asked = SideState | 'none' | 'silent'

/** Parses the state question's output; undefined when there is no state. */
export const parseState = (text: string): SideState | undefined => {
  const [state, at = '', why = '', deadline = '', uptime = '', insists = ''] = text.split('\n')
  const known = words.find((word) => word === state)
  if (known === undefined) return undefined
  return { state: known, at, why, left: Number(deadline) - Number(uptime.split('.')[0]), insists: insists === 'insist' }
}

const script = programText('state.sh', import.meta.url)

export const askSide = async (host: Host): Promise<Asked> => {
  try {
    const found = await askMaybe(host, { argv: ['sh', '-c', script, 'state', home], parse: parseState })
    return found ?? 'none'
  } catch (error) {
    if (error instanceof SwapError) return 'silent'
    throw error
  }
}

export type Sides = Readonly<Record<Side, Asked>>

export const askSides = async (hosts: Hosts): Promise<Sides> => {
  const [source, target] = await Promise.all([askSide(hosts('source')), askSide(hosts('target'))])
  return { source, target }
}

const is = (asked: Asked, ...states: readonly SideState['state'][]): boolean =>
  typeof asked === 'object' && states.includes(asked.state)

export const isArmed = (asked: Asked): boolean => is(asked, 'armed')
export const isConfirmed = (asked: Asked): boolean => is(asked, 'confirmed', 'sealed')
export const isPutBack = (asked: Asked): boolean => is(asked, 'putting-back', 'put-back')

const clock = (date: Date): string => date.toISOString().slice(11, 19)

/** One side's state in words; undefined when there is none. `now`: by this machine's clock. */
export const sideText = (side: Side, asked: Asked, now: Date): string | undefined => {
  if (asked === 'none') return undefined
  if (asked === 'silent') return `${side}: does not answer; if a rollback timer runs there, it decides`
  if (asked.state === 'armed') {
    const end = clock(new Date(now.getTime() + asked.left * 1000))
    return asked.left >= 0
      ? `${side}: rollback timer runs until ${end} UTC: rolls back unless confirmed`
      : `${side}: rollback timer expired at ${end} UTC; checking whether the target was confirmed`
  }
  if (asked.state === 'confirmed' || asked.state === 'sealed') return `${side}: confirmed at ${asked.at}: ${asked.why}`
  return `${side}: ${asked.state === 'put-back' ? 'rolled back' : 'rolling back since'} ${asked.at}: ${asked.why}`
}

/** Empty when no side reports a cutover: then a silent machine means nothing. */
export const sidesText = (sides: Sides, now: Date): readonly string[] =>
  Object.values(sides).every((asked) => typeof asked !== 'object')
    ? []
    : (['source', 'target'] as const).flatMap((side) => sideText(side, sides[side], now) ?? [])
