import type { Host, Hosts } from '../../hosts/host.ts'
import { flow } from '../../hosts/stream.ts'
import { duration, readable } from '../../text/units.ts'
import type { Of } from '../step.ts'
import { command, type Setting } from './command.ts'
import { streamMark } from './leftovers.ts'

/** Progress of a stream. `arrived`: what the receiving machine reports, if it can be asked. */
export interface Flow {
  readonly what: string
  readonly bytes?: number | undefined
  readonly flowed: number
  readonly seconds: number
  readonly arrived?: { readonly bytes: number; readonly rows?: number } | undefined
}

/**
 * 'nova: 812000 rows, 96.1 MiB sent, 24.0 MiB/s, about 20.0 s left'. The bytes sent may be compressed; compared with
 * the uncompressed size they only give an upper limit of the time left.
 */
export const flowText = ({ what, bytes, flowed, seconds, arrived }: Flow): string => {
  const left = (done: number): number => (seconds * Math.max(0, (bytes ?? 0) - done)) / done
  const parts = [
    ...(arrived?.rows === undefined ? [] : [`${arrived.rows} rows`]),
    `${readable(flowed)} sent`,
    `${readable(flowed / Math.max(seconds, 0.001))}/s`,
  ]
  if (bytes !== undefined && arrived !== undefined && arrived.bytes > 0)
    parts.push(`about ${duration(left(arrived.bytes))} left`)
  else if (bytes !== undefined && flowed > 0 && seconds >= 2) parts.push(`at most ${duration(left(flowed))} left`)
  return `${what}: ${parts.join(', ')}`
}

const measurePause = 5_000

/** Asks at intervals, one question at a time; a failed question keeps the last answer. */
const askArrived = (host: Host, measure: Of<'pipe'>['measure']): (() => Flow['arrived']) => {
  let arrived: Flow['arrived']
  let next = 0
  return () => {
    if (measure === undefined || Date.now() < next) return arrived
    next = Number.POSITIVE_INFINITY
    host
      .run({ limit: 30, ...command(measure) })
      .then(({ code, stdout }) => {
        const [bytes, rows] = stdout.trim().split(/\s+/).map(Number)
        if (code !== 0 || bytes === undefined || !Number.isFinite(bytes)) return
        arrived = { bytes, ...(rows === undefined || !Number.isFinite(rows) ? {} : { rows }) }
      })
      .catch(() => {})
      .finally(() => {
        next = Date.now() + measurePause
      })
    return arrived
  }
}

/**
 * Streams from one machine to another and reports progress. `silence`: seconds without progress after which the stream
 * is aborted. Throws SwapError for the side that failed first.
 */
export const runPipe = async (
  action: Of<'pipe'>,
  hosts: Hosts,
  { progress, mark }: Setting,
  silence: number,
): Promise<void> => {
  const { from, to, what, bytes, measure, talk = false, rate } = action
  const began = Date.now()
  const arrived = askArrived(hosts(measure?.on ?? to.on), measure)
  const ofStream = mark === undefined ? undefined : streamMark(mark)
  let told = 0
  const onBytes = (flowed: number) => {
    if (Date.now() - told < 500) return
    told = Date.now()
    progress?.(flowText({ what, bytes, flowed, seconds: (told - began) / 1000, arrived: arrived() }))
  }
  await flow(
    { host: hosts(from.on), command: command(from, ofStream) },
    { host: hosts(to.on), command: command(to, ofStream) },
    { onBytes, silence, talk, ...(rate === undefined ? {} : { rate }) },
  )
}
