/**
 * npm run test:mutate [-- PART...]: changes the pure parts of src/ one expression at a time, and reports changes that
 * no unit test notices. Each part is a separate Stryker run with the tests meant to cover it: most rules are values
 * computed when a module is loaded, and each change in one of those reruns all of the run's tests.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'

/** What is changed, and the tests that should notice. */
const parts = {
  redact: [
    ['redact', 'named', 'command-lines', 'markup', 'url-passwords', 'loginless', 'rows', 'secrets', 'printable'].map(
      (name) => `src/text/${name}.ts`,
    ),
    ['test/{redact,redact-exact,secrets,printable}.test.ts', 'test/text/{markup,rows}.test.ts'],
  ],
  hops: [['src/hops/*.ts'], ['test/releases/{blockers,blockers-asked,edge,hops,hops-refused,revision}.test.ts']],
  plan: [['src/plan/plan.ts', 'src/engine/revert.ts'], ['test/{plan,real-plan,run,revert,journal}.test.ts']],
  transfer: [
    ['merge', 'decide', 'options', 'oslo-conf', 'rewrite'].map((name) => `src/transfer/${name}.ts`),
    ['test/transfer/*.test.ts'],
  ],
  fixups: [['src/fixups/*.ts', 'src/rewrite/*.ts'], ['test/fixups/*.test.ts']],
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}. There are ${Object.keys(parts).join(', ')}`)
  process.exit(2)
}

let worst = 0
for (const [name, [sources, tests]] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(`== ${name}`)
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', sources.join(',')], {
    stdio: 'inherit',
    env: { ...process.env, MUTATE_TESTS: JSON.stringify(tests) },
  })
  worst = Math.max(worst, status ?? 1)
  // The next part writes to the same place.
  if (existsSync('reports/mutation')) {
    rmSync(`reports/${name}`, { recursive: true, force: true })
    renameSync('reports/mutation', `reports/${name}`)
  }
}
process.exit(worst)
