import { perform } from '../src/engine/perform.ts'
import type { Action } from '../src/engine/step.ts'
import { applyFixup } from '../src/fixups/apply.ts'
import { openHosts } from '../src/hosts/hosts.ts'
import { readSettings } from '../src/settings.ts'

/**
 * `worker SETTINGS ACTIONS`: performs actions (JSON) as swapctl does, in a process of its own, and prints as JSON the most
 * memory that process had resident, in bytes.
 */
const [settings = '', actions = '[]'] = process.argv.slice(2)
const hosts = openHosts(readSettings(settings))
for (const action of JSON.parse(actions) as Action[]) await perform(action, { hosts, fixups: applyFixup })
await hosts.close()
process.stdout.write(JSON.stringify({ memory: process.resourceUsage().maxRSS * 1024 }))
