// Run by the outage tests in the operator's network: a recorded probe that ends when a file exists. Arguments: settings
// as JSON.
import { existsSync } from 'node:fs'
import { startProbe } from '../../src/cutover/outage/probe.ts'
import type { ProbeTarget } from '../../src/cutover/outage/probe-target.ts'
import { clock } from '../../src/cutover/outage/probe-try.ts'
import { openRecorder } from '../../src/cutover/outage/samples.ts'

export interface Setting {
  readonly targets: readonly ProbeTarget[]
  readonly samples: string
  readonly fresh: boolean
  readonly stop: string
}

const { targets, samples, fresh, stop } = JSON.parse(process.argv[2] ?? '') as Setting
const recorder = await openRecorder(samples, fresh)
recorder.add({ kind: 'begin', at: clock() })
const probe = startProbe(targets, { heard: (sample) => recorder.add({ kind: 'sample', ...sample }) })
process.stdout.write('probing\n')
while (!existsSync(stop)) await new Promise((wake) => setTimeout(wake, 50))
recorder.add({ kind: 'end', at: clock(), ...(await probe.stop()) })
const problem = await recorder.close()
if (problem !== undefined) throw problem
