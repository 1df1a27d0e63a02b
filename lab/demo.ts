/** Swaps the lab's cloud with an operator's four commands, proves each phase, and reverts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { askBefore } from './before.ts'
import { inside } from './machines.ts'
import { askPlace, cli, netnsOf, type Place } from './place.ts'
import { startPoller } from './poller.ts'
import { type Proof, type Proven, prove } from './proof.ts'
import { countsOf } from './proofs/listing.ts'
import { shortMove } from './proofs/outage.ts'
import { cutOverProofs, lossTold, migratedProofs, preparedProofs, revertedProofs } from './scenario.ts'
import { clearDesk, completeSettings, initWords, settingsPath } from './settings.ts'
import { swapctl, typed } from './swapctl.ts'

interface Row {
  readonly phase: string
  readonly seconds: number
  readonly proofs: readonly Proven[]
  readonly failed: boolean
}

const say = (text = ''): void => void process.stdout.write(`${text}\n`)

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text)

const tell = ({ held, name, says, seconds }: Proven): void =>
  say(`  ${held ? '✔' : '✖'} ${name} (${seconds.toFixed(1)} s)\n      ${says}`)

/** Shows the command as typed, runs it with its output, and throws when it fails. */
const type = async (
  place: Place,
  words: readonly string[],
  live = true,
): Promise<{ output: string; seconds: number }> => {
  say(bold(`\noperator# ${typed(words)}`))
  const said = await swapctl(place, words, { live })
  say(`(${said.seconds.toFixed(1)} s)`)
  if (said.code !== 0) throw new Error(`${typed(words)} ended with ${said.code}`)
  return said
}

const init = async (place: Place): Promise<void> => {
  await clearDesk(place)
  await type(place, initWords(place))
  const text = await completeSettings(place)
  say(bold(`\noperator# editor ${settingsPath(place)}   (the tree for the release between is named)`))
  say(text.replaceAll(/^(;.*)?\n/gm, ''))
}

const plan = async (place: Place): Promise<void> => {
  const { output } = await type(place, ['plan'], false)
  const file = join(place.desk, 'plan.txt')
  await writeFile(file, output)
  say(output.split('\n').slice(0, 15).join('\n'))
  say(`... ${output.split('\n').length} lines, all in ${file}`)
}

/** Runs one of the four commands and its proofs, and returns their results. */
const phase = async (place: Place, words: readonly string[], proofs: () => readonly Proof[]): Promise<Row> => {
  const { seconds } = await type(place, words)
  say(bold(`\nproofs after ${words[0]}`))
  const proven = await prove(proofs(), tell)
  return { phase: words[0] as string, seconds, proofs: proven, failed: proven.some(({ held }) => !held) }
}

const table = (rows: readonly Row[]): void => {
  say(bold('\nphase     seconds  proofs'))
  for (const { phase: name, seconds, proofs, failed } of rows) {
    const held = proofs.filter((proof) => proof.held).length
    say(
      `${name.padEnd(9)} ${seconds.toFixed(1).padStart(7)}  ${held} of ${proofs.length} held${failed ? '  FAILED' : ''}`,
    )
    for (const proof of proofs.filter((it) => !it.held)) say(`          ✖ ${proof.name}`)
  }
}

/** Copies the admin's openrc to the new controller, as an operator would. */
const lookInto = async (place: Place): Promise<void> => {
  await inside('target', ['sh', '-c', 'umask 077; cat > /root/openrc'], {
    stdin: await inside('source', ['cat', '/root/openrc']),
  })
  say(bold('\nThe swapped cloud keeps running. To look into it:'))
  say('  npm run lab -- shell target      (or source, or compute); there, for instance:')
  say('      . /root/openrc; openstack server list --all-projects --long')
  say(`  ip netns exec ${netnsOf('operator')} node ${cli} -c ${settingsPath(place)} status`)
  say(`  ip netns exec ${netnsOf('operator')} node ${cli} -c ${settingsPath(place)} revert`)
  say('  npm run lab -- reset             (everything as at the beginning)')
}

const swap = async (place: Place, keep: boolean, rows: Row[]): Promise<void> => {
  say(bold('\nThe cloud before the swap'))
  const before = await askBefore(place)
  say(`  ${countsOf(before.listing)}`)
  await init(place)
  await plan(place)
  const serving = startPoller(before.cloud.urls)
  rows.push(await phase(place, ['prepare'], () => preparedProofs(before, serving)))
  await type(place, ['status'])
  const away = startPoller(before.cloud.urls)
  rows.push(await phase(place, ['migrate'], () => migratedProofs(place, before)))
  await type(place, ['status'])
  rows.push(
    await phase(place, ['cutover', '--yes'], () => [
      shortMove(place),
      ...cutOverProofs(place, before, away),
      lossTold(place, before),
    ]),
  )
  await type(place, ['status'])
  if (keep) return
  rows.push(await phase(place, ['revert', '--yes'], () => revertedProofs(place, before)))
  await type(place, ['status'])
}

const main = async (): Promise<number> => {
  const place = askPlace()
  const began = performance.now()
  const keep = process.argv.includes('--keep')
  const rows: Row[] = []
  say(`swapctl stands for: ip netns exec ${netnsOf('operator')} node ${cli} -c ${settingsPath(place)}`)
  let problem: string | undefined
  try {
    await swap(place, keep, rows)
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  table(rows)
  say(`in all ${((performance.now() - began) / 60_000).toFixed(1)} minutes after the lab was up`)
  if (problem !== undefined) say(`✖ ${problem}`)
  else if (keep) await lookInto(place)
  return problem === undefined && rows.every(({ failed }) => !failed) ? 0 : 1
}

process.exitCode = await main()
// A poller left running by an error ends with this process.
process.exit()
