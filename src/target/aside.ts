import { existing } from '../ask/facts.ts'
import { ask } from '../ask/question.ts'
import type { Action } from '../engine/step.ts'
import type { Host } from '../hosts/host.ts'
import { programText } from '../text/program.ts'

const asideOf = (path: string): string => `${path}.swapctl-aside`

/**
 * Written into every file that replaces another, so that a file left by an interrupted run is not mistaken for an
 * administrator's.
 */
export const asideMark = '# swapctl: for the time being; the file that was here is beside it'

const put = programText('aside-put.sh', import.meta.url)

const back = programText('aside-back.sh', import.meta.url)

const script = (text: string, path: string): Action => ({
  kind: 'exec',
  on: 'target',
  argv: ['sh', '-ec', text, 'aside', path, asideOf(path), asideMark],
  limit: 30,
})

/**
 * Moves an administrator's file at `path` on the target aside, so that our file, which must contain `asideMark`, can
 * replace it. The original stays on the machine: run again after an interruption it moves nothing, and never mistakes
 * our file for theirs. A link is moved as a link; owner and mode stay.
 */
export const putAside = (path: string): Action => script(put, path)

/** Restores what `putAside` moved, or removes our file if there was none. Does nothing when neither exists. */
export const takeBack = (path: string): Action => script(back, path)

/** Whether an interrupted run has left a file aside. */
export const isAside = async (host: Host, path: string): Promise<boolean> =>
  (await ask(host, existing([asideOf(path)]))).length > 0
