// node tools/record-plan.mjs SWAPCTL.INI >test/fixtures/plans/NAME.json, after `npm run build` and `swapctl prepare`:
// the settings and survey of a real swap, from which tests build its plan. The operator's keys and paths are left out.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readSettings } from '../dist/src/settings/settings.js'

const config = readSettings(resolve(process.argv[2] ?? 'swapctl.ini'))
const survey = JSON.parse(readFileSync(join(config.state, 'survey.json'), 'utf8'))

const unknown = `SHA256:${'A'.repeat(43)}`
const replaced = {
  file: '/root/swapctl.ini',
  state: '/root/swap-state',
  key: '/root/.ssh/id_ed25519',
  hostKey: unknown,
  openrc: '/root/openrc',
}
const archive = (path) => `/root/${path.split('/').at(-1)}`
const clean = (name, value) => (name === 'archive' ? archive(value) : (replaced[name] ?? value))
const text = JSON.stringify({ config, survey }, (name, value) =>
  typeof value === 'string' ? clean(name, value) : value,
)
process.stdout.write(`${text}\n`)
