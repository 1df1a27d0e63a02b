import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { appendLine, prepareFile, readJournal, sealed } from './journal-file.ts'
import type { Action, Phase, Step } from './step.ts'

/** The host keys of the two controllers. A host name can be given to another machine, a key cannot. */
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
      /** where its programs run; programs of an interrupted run may still be running there */
      readonly machines: readonly HostName[]
      readonly undo: readonly Action[]
    }
  | {
      readonly event: 'done'
      readonly step: Step['id']
      readonly says?: string
      /** for the operator: what could not be done on machines that belong to neither side */
      readonly left?: readonly string[]
    }
  | { readonly event: 'failed'; readonly step: Step['id']; readonly error: string }
  /** the undo has begun: from here on the step no longer counts as done */
  | { readonly event: 'undoing'; readonly step: Step['id'] }
  | { readonly event: 'undone'; readonly step: Step['id']; readonly left?: readonly string[] }
  /** the operator continues despite this check's finding */
  | { readonly event: 'accepted'; readonly check: string; readonly reason: string }

export type Entry = Event & { readonly at: string }

export interface Journal {
  readonly entries: readonly Entry[]
  append(event: Event): Promise<void>
  /** Waits for the line that is being written; later appends are refused. */
  close(): Promise<void>
}

/**
 * Reads a swap's journal; a missing file is an empty one. Writes nothing before the first append, so that reading a
 * journal never disturbs the swapctl that is writing it.
 * Throws SwapError (exit 2) with file and line for a line that is damaged or missing, another version, or the journal
 * of another swap or of other `machines`.
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
    // Appends are serialised, so that each line is complete before the next begins. After a failed write nothing more
    // is written.
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

/** 'begun': neither done nor untouched, also when an undo was interrupted. Such a step is run again or undone again. */
export type State = 'pending' | 'begun' | 'done' | 'failed' | 'undone'

type Read = Pick<Journal, 'entries'>
type StepEntry = Extract<Entry, { readonly step: string }>
type Begun = Extract<Entry, { readonly event: 'begun' }>

const of = ({ entries }: Read, step: Step['id']): readonly StepEntry[] =>
  entries.filter((entry): entry is StepEntry => 'step' in entry && entry.step === step)

/** The step's entries since it was last undone. */
const current = (journal: Read, step: Step['id']): readonly StepEntry[] => {
  const all = of(journal, step)
  return all.slice(all.findLastIndex(({ event }) => event === 'undone') + 1)
}

export const stateOf = (journal: Read, step: Step['id']): State => {
  const last = of(journal, step).at(-1)
  if (last === undefined) return 'pending'
  return last.event === 'undoing' ? 'begun' : last.event
}

/** The step's first 'begun' entry since it was last undone; undefined when there is none. */
export const begunOf = (journal: Read, step: Step['id']): Begun | undefined =>
  current(journal, step).find((entry): entry is Begun => entry.event === 'begun')

/**
 * The undo actions of a step, as recorded before it first changed anything. The first record counts: asking again after
 * a failure would take the damaged state for the state to return to. undefined: not begun since it was last undone.
 */
export const undoOf = (journal: Read, step: Step['id']): readonly Action[] | undefined => begunOf(journal, step)?.undo

/** What is left to do on machines of neither side, from each step's latest entry, without duplicates. */
export const leftToDo = (journal: Read): readonly string[] => {
  const last = new Map(journal.entries.flatMap((entry) => ('step' in entry ? [[entry.step, entry] as const] : [])))
  return [...new Set([...last.values()].flatMap((entry) => ('left' in entry ? (entry.left ?? []) : [])))]
}

/** Steps of these phases that have changed something and are not undone, latest begun first. */
export const newestFirst = (journal: Read, phases?: readonly Phase[]): readonly Step['id'][] => {
  const firsts = new Map<Step['id'], Begun>()
  for (const entry of journal.entries) {
    if (entry.event === 'undone') firsts.delete(entry.step)
    // A Map keeps the position of a key it has, so a step that begins again keeps its first place.
    if (entry.event === 'begun') firsts.set(entry.step, entry)
  }
  return [...firsts.values()]
    .filter(({ phase }) => phases === undefined || phases.includes(phase))
    .toReversed()
    .map(({ step }) => step)
}

/** Like newestFirst, with titles. Reads the journal only, so it also lists steps that the plan no longer has. */
export const openSteps = (journal: Read, phases?: readonly Phase[]): readonly Pick<Step, 'id' | 'title'>[] =>
  newestFirst(journal, phases).map((id) => ({ id, title: begunOf(journal, id)?.title ?? id }))

/**
 * Steps that were begun or done but are not in the list any more, because another swapctl version or other settings
 * built it. With titles and phases as far as the journal has them.
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

/** Seconds of the step's latest run that ended well, also when it was undone since; undefined: there is none. */
export const lasted = (journal: Read, step: Step['id']): number | undefined => {
  const all = of(journal, step)
  const at = all.findLastIndex(({ event }, index) => event === 'done' && all[index - 1]?.event === 'begun')
  const [begun, done] = [all[at - 1], all[at]]
  return begun === undefined || done === undefined ? undefined : (Date.parse(done.at) - Date.parse(begun.at)) / 1000
}

/** When a step last began, and when that run ended, with success or without. */
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
