import { setTimeout as sleep } from 'node:timers/promises'
import { SwapError } from '../../errors.ts'
import { tail } from '../../hosts/channel.ts'
import { brief, type Host } from '../../hosts/host.ts'
import { duration } from '../../text/units.ts'
import type { Of, Remote } from '../step.ts'
import { command, failed, type Setting } from './command.ts'

/** A line that the watch command printed; `at` is seconds since the work began. */
export interface Mark {
  readonly text: string
  readonly at: number
}

/** '45.3 Configuring nova-api' -> 45.3 and the words; undefined without a leading percentage. */
const parts = (text: string): { readonly percent: number; readonly words: string } | undefined => {
  const match = /^(\d+(?:\.\d+)?) (.+)$/s.exec(text)
  return match === null ? undefined : { percent: Number(match[1]), words: match[2] ?? '' }
}

/**
 * The marks since the percentage last went back: a package manager counts the download and the installation separately.
 */
const lap = (marks: readonly Mark[]): readonly Mark[] => {
  const percents = marks.map(({ text }) => parts(text)?.percent ?? 0)
  const start = percents.findLastIndex((percent, index) => percent < (percents[index - 1] ?? 0))
  return marks.slice(Math.max(0, start))
}

/** 'Configuring nova-api, 45 %, about 3 min 2 s left'; `now`: seconds since the work began. */
export const watchedText = (marks: readonly Mark[], now: number): string => {
  const [first, ...rest] = lap(marks)
  const last = rest.at(-1) ?? first
  const [begun, reached] = [parts(first?.text ?? ''), parts(last?.text ?? '')]
  if (first === undefined || last === undefined || begun === undefined || reached === undefined) return last?.text ?? ''
  const gained = reached.percent - begun.percent
  const left = gained > 0 ? `, about ${duration(((now - first.at) / gained) * (100 - reached.percent))} left` : ''
  return `${reached.words}, ${Math.floor(reached.percent)} %${left}`
}

/** Seconds between two looks at the progress. */
const pause = 5

const look = async (host: Host, watch: Remote): Promise<string> => {
  const output = await host.run({ limit: 30, ...command(watch) }).catch(() => undefined)
  return output?.code === 0 ? output.stdout.trim() : ''
}

const silent = (host: Host, action: Of<'exec'>, silence: number, last: Mark | undefined): SwapError =>
  new SwapError(
    host.name,
    `${brief(action.argv)} showed no progress for ${duration(silence)} and was ended` +
      (last === undefined ? '' : `; its last output: ${last.text}`),
    'Find out on that machine what it waits for, then run the same command again.',
  )

/**
 * Runs a program while another command reports its progress. It may run as long as the progress changes; after
 * `silence` seconds without a change it is killed. Throws SwapError for that, and for an exit code other than 0.
 */
export const runWatched = async (
  action: Of<'exec'> & { readonly watch: Remote },
  host: Host,
  { progress, mark }: Setting,
  silence: number,
  every: number = pause,
): Promise<void> => {
  const { limit: _, ...endless } = action
  const job = await host.spawn({ ...command(endless, mark), stdin: action.stdin ?? '' })
  const said = tail(job.stdout)
  const began = Date.now()
  const since = (): number => (Date.now() - began) / 1000
  const marks: Mark[] = []
  const ended = job.exit.then(
    () => true,
    () => true,
  )
  while (!(await Promise.race([ended, sleep(every * 1000, false)]))) {
    const text = await look(host, action.watch)
    if (text !== '' && text !== marks.at(-1)?.text) marks.push({ text, at: since() })
    if (marks.length > 0) progress?.(watchedText(marks, since()))
    if (since() - (marks.at(-1)?.at ?? 0) <= silence) continue
    job.kill()
    await ended
    throw silent(host, action, silence, marks.at(-1))
  }
  const { code, stderr } = await job.exit
  if (code !== 0) throw failed(host, action.argv, { code, stderr, stdout: said() })
}
