/**
 * Requests each URL every 200 ms over a new connection until its input closes; then prints the results as JSON. Run in
 * the operator's network: node poll.js URL...
 */
import { get } from 'node:http'

/** The answers of one URL, timed by the poller. */
export interface Seen {
  readonly url: string
  readonly asked: number
  /** seconds: the longest time without a good answer between two good ones, or up to the end */
  readonly gap: number
  /** seconds of the slowest answer */
  readonly slowest: number
  /** the first few: 'HH:MM:SS ECONNREFUSED' */
  readonly failures: readonly string[]
  readonly failed: number
}

const interval = 200
const patience = 10_000

const ask = (url: string): Promise<string | undefined> =>
  new Promise((answer) => {
    const request = get(url, { agent: false, timeout: patience }, (response) => {
      response.resume()
      const { statusCode = 0 } = response
      answer(statusCode >= 200 && statusCode < 500 ? undefined : `status ${statusCode}`)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer for ${patience / 1000} s`)))
    request.on('error', (error: NodeJS.ErrnoException) => answer(error.code ?? error.message))
  })

const watch = async (url: string, ended: () => boolean): Promise<Seen> => {
  const failures: string[] = []
  let [asked, failed, gap, slowest] = [0, 0, 0, 0]
  let good = performance.now()
  while (!ended()) {
    const began = performance.now()
    const problem = await ask(url)
    const now = performance.now()
    asked++
    if (problem === undefined) {
      gap = Math.max(gap, failures.length > 0 ? now - good : 0)
      slowest = Math.max(slowest, now - began)
      good = now
    } else {
      failed++
      gap = Math.max(gap, now - good)
      if (failures.length < 5) failures.push(`${new Date().toISOString().slice(11, 19)} ${problem}`)
    }
    await new Promise((wake) => setTimeout(wake, Math.max(0, interval - (now - began))))
  }
  return { url, asked, failed, failures, gap: gap / 1000, slowest: slowest / 1000 }
}

let over = false
process.stdin.on('end', () => {
  over = true
})
process.stdin.resume()
const seen = await Promise.all(process.argv.slice(2).map((url) => watch(url, () => over)))
process.stdout.write(`${JSON.stringify(seen)}\n`)
