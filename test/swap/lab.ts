import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { askPlace, labScript, type Place, project } from '../../lab/place.ts'
import { type Proof, prove } from '../../lab/proof.ts'
import { clearDesk } from '../../lab/settings.ts'

/** In the folder of the running machines, which a reset empties: nothing has happened to them since they were booted. */
const marker = (place: Place): string => join(place.cache, 'run', 'untouched')

/** The lab with the cloud as it was made, and the compiled command line. */
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

/** Says that the lab is as good as booted anew: the next tests need not wait for that. */
export const leaveUntouched = (place: Place): void => writeFileSync(marker(place), '')

/** Tries all proofs, prints what each measured, and throws with every one that does not hold. */
export const allHold = async (proofs: readonly Proof[]): Promise<void> => {
  const proven = await prove(proofs, ({ held, name, says, seconds }) =>
    process.stdout.write(`  ${held ? '✔' : '✖'} ${name} (${seconds.toFixed(1)} s)\n      ${says}\n`),
  )
  const failed = proven.filter(({ held }) => !held)
  if (failed.length > 0) throw new Error(failed.map(({ name, says }) => `${name}: ${says}`).join('\n'))
}
