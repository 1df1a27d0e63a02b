import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { cleanUp, ownFolder } from './folder.ts'
import { jobs } from './jobs.ts'
import { type Measured, tableText, withRatios } from './measure.ts'
import { type Bench, openBench } from './open.ts'
import { type Options, readOptions } from './options.ts'
import { demandMydumper } from './programs.ts'

const say = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

/** Runs the jobs in sequence; earlier results are kept when a later job fails. */
const run = async (bench: Bench, options: Options): Promise<void> => {
  const found: Measured[] = []
  for (const [name, job] of Object.entries(jobs)) {
    if (options.only.length > 0 && !options.only.includes(name)) continue
    say(name)
    for (const one of await job(bench)) found.push({ ...one, load: loadavg()[0] ?? 0 })
    const results = withRatios(found)
    const { rows, blockDevices, threads } = options
    const kept = { at: new Date().toISOString(), node: process.version, rows, blockDevices, threads, results }
    await writeFile(options.json, `${JSON.stringify(kept, null, 1)}\n`)
  }
  process.stdout.write(`${tableText(withRatios(found))}\n`)
}

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2), Object.keys(jobs))
  demandMydumper(options, say)
  const bench = await openBench(options, say)
  try {
    await run(bench, options)
  } finally {
    await bench.close()
  }
}

/** Everything it starts and writes is under one folder, which is cleaned up however it ends. */
const end = (why: string) => {
  say(why)
  cleanUp(ownFolder())
  process.exit(1)
}
process.on('SIGINT', () => end('interrupted'))
process.on('SIGTERM', () => end('interrupted'))
try {
  execFileSync('mariadbd', ['--version'], { stdio: 'ignore' })
  const timer = setTimeout(
    () => end('--limit is over'),
    readOptions(process.argv.slice(2), Object.keys(jobs)).limit * 60_000,
  )
  await main()
  clearTimeout(timer)
  cleanUp(ownFolder())
} catch (error) {
  end(error instanceof Error ? error.message : String(error))
}
