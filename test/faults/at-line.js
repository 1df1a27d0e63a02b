// Loaded before swapctl (node --import): acts when a line of its journal has reached the disk, before anything else
// runs. swapctl is unaware of it. SWAPCTL_AT_LINE names a JSON file:
//   {seen: ['begun keystone/close', ...], events?: ['begun'], at?: 'begun keystone/stop', every?: 3, command?: [...]}
// The first line that is not in `seen` (and matches `events` and `at`, if given) is added to `seen` and `hit`; then
// `command` runs to its end, or without one this process is killed. `every`: lines between are only added to `seen`.
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'

const file = process.env.SWAPCTL_AT_LINE
const handle = await open('/dev/null')
const prototype = Object.getPrototypeOf(handle)
await handle.close()
const { sync } = prototype
let hit = false

const act = (path) => {
  const { event, step = '' } = JSON.parse(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1))
  const plan = JSON.parse(readFileSync(file, 'utf8'))
  const line = `${event} ${step}`.trimEnd()
  if (plan.seen.includes(line) || plan.events?.includes(event) === false || line !== (plan.at ?? line)) return
  const seen = [...plan.seen, line]
  if (seen.length % (plan.every ?? 1) !== 0) return writeFileSync(file, JSON.stringify({ ...plan, seen }))
  hit = true
  writeFileSync(file, JSON.stringify({ ...plan, seen, hit: line }))
  if (plan.command === undefined) process.kill(process.pid, 'SIGKILL')
  else execFileSync(plan.command[0], plan.command.slice(1))
}

prototype.sync = async function syncThenAct() {
  await sync.call(this)
  const path = readlinkSync(`/proc/self/fd/${this.fd}`)
  if (!hit && path.endsWith('/journal.jsonl')) act(path)
}
