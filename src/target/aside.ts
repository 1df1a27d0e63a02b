import { existing } from '../ask/facts.ts'
import { ask } from '../ask/question.ts'
import type { Action } from '../engine/step.ts'
import type { Host } from '../hosts/host.ts'
import { programText } from '../text/program.ts'

const asideOf = (path: string): string => `${path}.swapctl-aside`

/** Written into every file that takes another's place: by it a broken-off run's own file is told from an administrator's. */
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
 * Moves whatever an administrator has at `path` on the target aside, so that a file of ours, which must contain
 * `asideMark`, can stand there. The machine keeps it, not the run: done again after a run was broken off it moves
 * nothing, and never takes our file for theirs. A link is moved as a link; owner and mode stay.
 */
export const putAside = (path: string): Action => script(put, path)

/** Puts back what `putAside` moved, or removes our file where there was none. Does nothing where neither is there. */
export const takeBack = (path: string): Action => script(back, path)

/** Whether a run that was broken off has left something aside. */
export const isAside = async (host: Host, path: string): Promise<boolean> =>
  (await ask(host, existing([asideOf(path)]))).length > 0
