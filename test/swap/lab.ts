import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { askPlace, labScript, type Place, project } from '../../lab/place.ts'
import { type Proof, prove } from '../../lab/proof.ts'
import { clearDesk } from '../../lab/settings.ts'

/** In the folder of the running machines, which a reset empties: exists as long as nothing has happened to them. */
const marker = (place: Place): string => join(place.cache, 'run', 'untouched')

/** The lab with its original cloud, and the compiled command line. */
export const freshLab = async (): Promise<Place> => {
  await execa('npm', ['run', '--silent', 'build'], { cwd: project })
  const untouched = marker(askPlace())
  await execa('bash', [labScript, existsSync(untouched) ? 'up' : 'reset'], {
    stdout: ['inherit', 'pipe'],
    stderr: ['inherit', 'pipe'],
    stdin: 'ignore',
  })
  rmSync(untouched, { force: true })
  const place = askPlace()
  await clearDesk(place)
  return place
}

/** Marks the lab as equal to a newly booted one, so that the next tests need not wait for that. */
export const leaveUntouched = (place: Place): void => writeFileSync(marker(place), '')

/** Runs all proofs, prints their results, and throws with every one that fails. */
export const allHold = async (proofs: readonly Proof[]): Promise<void> => {
  const proven = await prove(proofs, ({ held, name, says, seconds }) =>
    process.stdout.write(`  ${held ? '✔' : '✖'} ${name} (${seconds.toFixed(1)} s)\n      ${says}\n`),
  )
  const failed = proven.filter(({ held }) => !held)
  if (failed.length > 0) throw new Error(failed.map(({ name, says }) => `${name}: ${says}`).join('\n'))
}
