import { http } from '../cloud.ts'
import { inside, tryInside } from '../machines.ts'
import type { Place } from '../place.ts'
import { demandNone, type Proof } from '../proof.ts'

/** The newest microversion that nova speaks tells its release: 2.87 is Victoria's, 2.100 Epoxy's. */
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

/** Every API of the catalog answers under the moving address when asked on the target. */
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
