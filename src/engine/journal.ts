import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { appendLine, prepareFile, readJournal, sealed } from './journal-file.ts'
import type { Action, Phase, Step } from './step.ts'

/** The host keys of the two controllers: a name can be given to another machine, a key cannot. */
export interface Identity {
  readonly source: string
  readonly target: string
}

/** One line of the journal: append-only JSON lines, fsynced one by one. */
export type Event =
  | {
      readonly event: 'opened'
      readonly version: 1
      readonly swap: string
      readonly machines?: Identity
    }
  | {
      readonly event: 'begun'
      readonly step: Step['id']
      readonly phase: Step['phase']
      readonly title: string
      /** where its programs run: an interrupted run's may still be at it */
      readonly machines: readonly HostName[]
      readonly undo: readonly Action[]
    }
  | {
      readonly event: 'done'
      readonly step: Step['id']
      readonly says?: string
      /** what could not be done on machines beside the two sides: for the operator */
      readonly left?: readonly string[]
    }
  | { readonly event: 'failed'; readonly step: Step['id']; readonly error: string }
  /** the undo has begun: whatever comes next, the step is no longer done */
  | { readonly event: 'undoing'; readonly step: Step['id'] }
  | { readonly event: 'undone'; readonly step: Step['id']; readonly left?: readonly string[] }
  /** the operator goes on although this check found something */
  | { readonly event: 'accepted'; readonly check: string; readonly reason: string }

export type Entry = Event & { readonly at: string }

export interface Journal {
  readonly entries: readonly Entry[]
  append(event: Event): Promise<void>
  /** Ends the line that is being written; after it nothing is written any more. */
  close(): Promise<void>
}

/**
 * Reads a swap's journal; a missing file is an empty one. Nothing is written before the first append, so that looking
 * at a journal never disturbs the swapctl that is writing it.
 * Throws SwapError (exit 2) with file and line for a line that is damaged or missing, another version, or the journal of
 * another swap or of other `machines`.
 */
export const openJournal = async (path: string, swap: string, machines?: Identity): Promise<Journal> => {
  const { entries, whole, sum } = await readJournal(path, swap, machines)
  let lines = entries.length
  let before = sum
  let closed = false
  const write = async (event: Event) => {
    const entry: Entry = { at: new Date().toISOString(), ...event }
    const line = sealed(JSON.stringify(entry), before)
    await appendLine(path, line.text, lines + 1)
    lines += 1
    before = line.sum
    entries.push(entry)
  }
  let last: Promise<void> | undefined
  const append = (event: Event): Promise<void> => {
    if (closed)
      return Promise.reject(new SwapError(path, 'swapctl is stopping: it writes nothing more', 'Run it again.'))
    // One after the other, whoever asks: a line is whole before the next begins. After a failed write nothing more is written.
    last = (last ?? prepareFile(path, whole)).then(async () => {
      if (entries.length === 0) await write({ event: 'opened', version: 1, swap, ...(machines && { machines }) })
      await write(event)
    })
    return last
  }
  const close = async () => {
    closed = true
    await last?.catch(() => {})
  }
  return { entries, append, close }
}

/** 'begun': neither done nor untouched. So is a step whose undo was broken off; it is run again or undone again. */
export type State = 'pending' | 'begun' | 'done' | 'failed' | 'undone'

type Read = Pick<Journal, 'entries'>
type StepEntry = Extract<Entry, { readonly step: string }>
type Begun = Extract<Entry, { readonly event: 'begun' }>

const of = ({ entries }: Read, step: Step['id']): readonly StepEntry[] =>
  entries.filter((entry): entry is StepEntry => 'step' in entry && entry.step === step)

/** What happened to a step since it was last undone. */
const current = (journal: Read, step: Step['id']): readonly StepEntry[] => {
  const all = of(journal, step)
  return all.slice(all.findLastIndex(({ event }) => event === 'undone') + 1)
}

export const stateOf = (journal: Read, step: Step['id']): State => {
  const last = of(journal, step).at(-1)
  if (last === undefined) return 'pending'
  return last.event === 'undoing' ? 'begun' : last.event
}

/** How a step first began since it was last undone; undefined: it has not. */
export const begunOf = (journal: Read, step: Step['id']): Begun | undefined =>
  current(journal, step).find((entry): entry is Begun => entry.event === 'begun')

/**
 * The way back from a step: what it asked for before it first changed anything. The first one wins, because asking
 * again after a failure would take the damage for the state to return to. undefined: it has not begun since.
 */
export const undoOf = (journal: Read, step: Step['id']): readonly Action[] | undefined => begunOf(journal, step)?.undo

/** What steps have left to do on machines beside the two sides: by their last word, each text once. */
export const leftToDo = (journal: Read): readonly string[] => {
  const last = new Map(journal.entries.flatMap((entry) => ('step' in entry ? [[entry.step, entry] as const] : [])))
  return [...new Set([...last.values()].flatMap((entry) => ('left' in entry ? (entry.left ?? []) : [])))]
}

/** Steps that have changed something and are not undone, of these phases: the newest first begun comes first. */
export const newestFirst = (journal: Read, phases?: readonly Phase[]): readonly Step['id'][] => {
  const firsts = new Map<Step['id'], Begun>()
  for (const entry of journal.entries) {
    if (entry.event === 'undone') firsts.delete(entry.step)
    // A step that begins again keeps its first place: that is what a Map does with a key it has.
    if (entry.event === 'begun') firsts.set(entry.step, entry)
  }
  return [...firsts.values()]
    .filter(({ phase }) => phases === undefined || phases.includes(phase))
    .toReversed()
    .map(({ step }) => step)
}

/** The same with their titles, from the journal alone: a step that has left the plan since is still to be undone. */
export const openSteps = (journal: Read, phases?: readonly Phase[]): readonly Pick<Step, 'id' | 'title'>[] =>
  newestFirst(journal, phases).map((id) => ({ id, title: begunOf(journal, id)?.title ?? id }))

/**
 * Steps that were begun or done and that a list no longer has: another swapctl made it, or other settings. With their
 * titles and phases where the journal knows them.
 */
export const unknownSteps = (
  journal: Read,
  known: readonly Pick<Step, 'id'>[],
): readonly { readonly id: string; readonly title: string; readonly phase?: Phase }[] => {
  const ids = new Set(known.map(({ id }) => id))
  const told = journal.entries.flatMap((entry) => ('step' in entry && !ids.has(entry.step) ? [entry.step] : []))
  return [...new Set(told)]
    .filter((id) => !['pending', 'undone'].includes(stateOf(journal, id)))
    .map((id) => {
      const begun = begunOf(journal, id)
      return { id, title: begun?.title ?? id, ...(begun === undefined ? {} : { phase: begun.phase }) }
    })
}

/** When a step last began, and when that came to an end, whichever way. */
export const times = (journal: Read, step: Step['id']): { readonly begun?: Date; readonly ended?: Date } => {
  const all = of(journal, step)
  const from = all.findLastIndex(({ event }) => event === 'begun')
  const begun = all[from]
  const ended = all.slice(from + 1).find(({ event }) => event === 'done' || event === 'failed')
  return {
    ...(begun === undefined ? {} : { begun: new Date(begun.at) }),
    ...(ended === undefined ? {} : { ended: new Date(ended.at) }),
  }
}
