import type { Action, Step } from './step.ts'

/** One line of the journal: append-only JSON lines, fsynced one by one. */
export type Event =
  | { readonly event: 'opened'; readonly version: 1; readonly swap: string }
  | { readonly event: 'begun'; readonly step: Step['id']; readonly undo: readonly Action[] }
  | { readonly event: 'done'; readonly step: Step['id']; readonly says?: string }
  | { readonly event: 'failed'; readonly step: Step['id']; readonly error: string }
  | { readonly event: 'undone'; readonly step: Step['id'] }

export type Entry = Event & { readonly at: string }

export interface Journal {
  readonly entries: readonly Entry[]
  append(event: Event): Promise<void>
}
