import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { jobs } from './jobs.ts'
import { type Measured, tableText, withRatios } from './measure.ts'
import { openBench } from './open.ts'
import { fill, size } from './servers.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    threads: { type: 'string', default: String(cpus().length) },
    json: { type: 'string', default: 'bench.json' },
    only: { type: 'string', multiple: true },
  },
})

const say = (text: string) => process.stderr.write(`${text}\n`)
const rows = Number(values.rows)
const bench = await openBench(rows, Number(values.threads))
try {
  say(`filling nova with ${rows} rows`)
  await fill(bench.source, rows)
  const bytes = await size(bench.source)
  say(`${(bytes / 1e9).toFixed(2)} GB`)
  const found: Measured[] = []
  for (const [name, job] of Object.entries(jobs)) {
    if (values.only !== undefined && !values.only.includes(name)) continue
    say(name)
    found.push(...(await job(bench)))
  }
  const results = withRatios(found)
  await writeFile(values.json, `${JSON.stringify({ at: new Date().toISOString(), rows, bytes, results }, null, 1)}\n`)
  process.stdout.write(`${tableText(results)}\n`)
} finally {
  await bench.close()
}
