import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Journal, openJournal } from '../src/engine/journal.ts'
import type { Reporter } from '../src/engine/report.ts'
import type { Engine } from '../src/engine/run.ts'
import type { Action, Step } from '../src/engine/step.ts'
import type { SwapError } from '../src/errors.ts'
import { localHost } from '../src/hosts/local.ts'

/** A directory in which programs leave traces, and an engine that runs them on this machine. */
export interface Bench {
  readonly directory: string
  readonly log: string
  readonly told: string[]
  engine(options?: Partial<Engine>): Promise<Engine>
  journal(): Promise<Journal>
  /** Words that programs have written so far, in order. */
  traces(): Promise<readonly string[]>
  trace(word: string, seconds?: number): Action
  /** Writes 'on WORD' at its start, and WORD after some seconds. */
  long(word: string): Action
  /** Resolves when WORD has been written. */
  written(word: string): Promise<void>
  /** Fails while the file `broken` exists in the directory. */
  fragile(word: string): Action
  close(): Promise<void>
}

const listener = (told: string[]): Reporter => ({
  begin: ({ id }) => void told.push(`begin ${id}`),
  progress: ({ id }, text) => void told.push(`progress ${id} ${text}`),
  end: ({ id }, says) => void told.push(`end ${id} ${says}`.trimEnd()),
  skip: ({ id }, why) => void told.push(`skip ${id} ${why}`),
  fail: ({ id }) => void told.push(`fail ${id}`),
  note: (text) => void told.push(`note ${text}`),
  close: () => {},
})

const readTraces = async (log: string): Promise<readonly string[]> => {
  const text = await readFile(log, 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean)
}

export const openBench = async (): Promise<Bench> => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  const log = join(directory, 'log')
  const told: string[] = []
  const journal = () => openJournal(join(directory, 'journal.jsonl'), 'bench')
  const local = localHost()
  return {
    directory,
    log,
    told,
    journal,
    engine: async (options = {}) => ({
      hosts: () => local,
      fixups: async () => '',
      journal: await journal(),
      reporter: listener(told),
      parallel: 4,
      ...options,
    }),
    traces: () => readTraces(log),
    trace: (word, seconds = 0) => ({
      kind: 'exec',
      on: 'local',
      argv: ['sh', '-c', 'sleep "$1"; echo "$2" >> "$3"', 'trace', String(seconds), word, log],
    }),
    long: (word) => ({
      kind: 'exec',
      on: 'local',
      argv: ['sh', '-c', 'echo "on $1" >> "$2"; sleep 3; echo "$1" >> "$2"', 'long', word, log],
    }),
    written: async (word) => {
      while (!(await readTraces(log)).includes(word)) await sleep(20)
    },
    fragile: (word) => ({
      kind: 'exec',
      on: 'local',
      argv: [
        'sh',
        '-c',
        'echo "$1" >> "$2"; test ! -e "$3" || { echo it is broken >&2; exit 4; }',
        'fragile',
        word,
        log,
        join(directory, 'broken'),
      ],
    }),
    close: () => rm(directory, { recursive: true }),
  }
}

/** A step of migrate with some parts given. */
export const step = (id: string, run: readonly Action[], rest: Partial<Step> = {}): Step => ({
  id,
  phase: 'migrate',
  title: `Title of ${id}`,
  after: [],
  changes: ['local', 'source', 'target'],
  run: async () => run,
  undo: async () => [],
  ...rest,
})

/** Resolves with the error of work that must fail. */
export const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
