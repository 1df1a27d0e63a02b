import { http } from '../cloud.ts'
import { inside, tryInside } from '../machines.ts'
import type { Place } from '../place.ts'
import { demandNone, type Proof } from '../proof.ts'

/** nova's newest microversion identifies its release: 2.87 is Victoria, 2.100 Epoxy. */
export const novaSpeaks = (name: string, place: Place, microversion: string, from: 'operator' | 'target'): Proof => ({
  name,
  run: async () => {
    const url = `http://${place.vip}:8774/v2.1/`
    const body =
      from === 'operator'
        ? (await http(url)).body
        : await inside('target', ['curl', '--silent', '--show-error', '--max-time', '30', url])
    const { version } = (JSON.parse(body) as { version: { version: string } }).version
    demandNone('another release answers', version === microversion ? [] : [`nova speaks ${version}`])
    return `nova at ${place.vip} speaks up to ${version}`
  },
})

/** Waits until every API answers the operator again, after services were started. */
export const answersAgain = (urls: Readonly<Record<string, string>>, limit = 1200): Proof => ({
  name: 'every API answers the operator again',
  run: async () => {
    const began = performance.now()
    const silent = async (): Promise<readonly string[]> => {
      const found = await Promise.all(
        Object.entries(urls).map(async ([type, url]) => {
          const { status } = await http(`${new URL(url).origin}/`).catch(() => ({ status: 0 }))
          return [200, 300, 401].includes(status) ? [] : [`${type} ${status}`]
        }),
      )
      return found.flat()
    }
    for (;;) {
      const missing = await silent()
      const seconds = (performance.now() - began) / 1000
      if (missing.length === 0) return `${Object.keys(urls).length} APIs after ${seconds.toFixed(1)} s`
      if (seconds > limit) demandNone(`not there after ${limit} s`, missing)
      await new Promise((wake) => setTimeout(wake, 1000))
    }
  },
})

/** Every API in the catalog answers on the target at the moving address. */
export const answersInside = (urls: Readonly<Record<string, string>>): Proof => ({
  name: 'the new APIs answer under the moving address, inside the target',
  run: async () => {
    const answers: string[] = []
    for (const [type, url] of Object.entries(urls)) {
      const { stdout } = await tryInside('target', [
        ...['curl', '--silent', '--output', '/dev/null', '--max-time', '30', '--write-out', '%{http_code}'],
        `${new URL(url).origin}/`,
      ])
      answers.push(`${type} ${stdout.trim()}`)
    }
    demandNone(
      'some do not answer',
      answers.filter((line) => !/ (200|300|401)$/.test(line)),
    )
    return answers.join(', ')
  },
})
