import { join } from 'node:path'
import { execa } from 'execa'
import { namespaceOf } from './machines.ts'
import { project } from './place.ts'
import type { Seen } from './poll.ts'
import { demandNone, type Proof } from './proof.ts'

export interface Poller {
  /** Stops it and returns the results per API; further calls return the same. */
  stop(): Promise<readonly Seen[]>
}

/** Starts requesting these URLs from the operator's machine. Ends with this process. */
export const startPoller = (urls: Readonly<Record<string, string>>): Poller => {
  const roots = [...new Set(Object.values(urls).map((url) => `${new URL(url).origin}/`))]
  const program = [process.execPath, join(project, 'dist', 'lab', 'poll.js'), ...roots]
  const [ip = '', ...words] = [...namespaceOf('operator'), ...program]
  const child = execa(ip, words, { stdin: 'pipe', reject: false })
  let result: Promise<readonly Seen[]> | undefined
  const end = async (): Promise<readonly Seen[]> => {
    child.stdin.end()
    const { exitCode, stdout, stderr } = await child
    if (exitCode !== 0) throw new Error(`the poller ended with ${exitCode}: ${stderr}`)
    return JSON.parse(stdout) as readonly Seen[]
  }
  return {
    stop: () => {
      result ??= end()
      return result
    },
  }
}

/** Proves that every request of the poller was answered. */
export const answeredThroughout = (poller: Poller): Proof => ({
  name: 'the APIs of the source answered throughout',
  run: async () => {
    const seen = await poller.stop()
    demandNone(
      'some requests failed',
      seen.filter(({ failed }) => failed > 0).map((it) => `${it.url} ${it.failed} times: ${it.failures.join(', ')}`),
    )
    const asked = seen.reduce((sum, it) => sum + it.asked, 0)
    const slowest = Math.max(...seen.map((it) => it.slowest))
    return `${asked} requests to ${seen.length} APIs, none failed, the slowest took ${slowest.toFixed(2)} s`
  },
})

/** Reports each API's outage as seen from the operator's machine. */
export const outageSeen = (poller: Poller): Proof => ({
  name: 'every API answers again; how long each was away',
  run: async () => {
    const seen = await poller.stop()
    demandNone(
      'not asked',
      seen.filter(({ asked }) => asked === 0).map(({ url }) => url),
    )
    return seen.map(({ url, gap }) => `${new URL(url).port} ${gap.toFixed(1)} s`).join(', ')
  },
})
