import { perform } from '../src/engine/perform.ts'
import type { Action } from '../src/engine/step.ts'
import { applyFixup } from '../src/fixups/apply.ts'
import { openHosts } from '../src/hosts/hosts.ts'
import { readSettings } from '../src/settings/settings.ts'
import { compareContent } from '../src/verify/content.ts'

/** A worker's task. */
export type Task =
  | { readonly actions: readonly Action[] }
  | { readonly verify: string /** chunks compared in parallel */; readonly parallel: number }

/**
 * `worker SETTINGS TASK`: does a task (JSON) like swapctl, in its own process, and prints the process' peak resident
 * memory in bytes as JSON.
 */
const [settings = '', text = ''] = process.argv.slice(2)
const hosts = openHosts(readSettings(settings))
const task = JSON.parse(text) as Task
if ('actions' in task) for (const action of task.actions) await perform(action, { hosts, fixups: applyFixup })
else {
  const { differences } = await compareContent(hosts, { database: task.verify, parallel: task.parallel })
  if (differences.length > 0) throw new Error(`${differences.length} differences`)
}
await hosts.close()
process.stdout.write(JSON.stringify({ memory: process.resourceUsage().maxRSS * 1024 }))
