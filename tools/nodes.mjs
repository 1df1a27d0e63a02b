/**
 * npm run test:nodes [-- MAJOR...]: runs the unit tests on Node 22 and 24 (or the given majors). Node comes from npm:
 * its package `node` only installs node-PLATFORM-ARCH, which is installed directly here. Copies are kept in
 * ~/.cache/swapctl-nodes (or SWAPCTL_NODES).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24']
const cache = process.env.SWAPCTL_NODES ?? join(homedir(), '.cache/swapctl-nodes')
const name = `node-${process.platform}-${process.arch}`
const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')

const run = (program, args, cwd) => spawnSync(program, args, { cwd, stdio: 'inherit' }).status ?? 1

/** Path of that major's node, installed on first use. */
const nodeOf = (major) => {
  const folder = join(cache, major)
  const program = join(folder, 'node_modules', name, 'bin/node')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const install = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`]
  if (run('npm', install, folder) !== 0 || !existsSync(program)) {
    console.error(`Node ${major}: npm has not installed ${name}@${major} in ${folder}`)
    process.exit(1)
  }
  return program
}

const failed = majors.filter((major) => {
  const program = nodeOf(major)
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim()
  console.log(`\n== unit tests on Node ${version}`)
  return version.split('.')[0] !== `v${major}` || run(program, [vitest, 'run', '--project', 'unit']) !== 0
})
if (failed.length > 0) {
  console.error(`== FAILED on Node ${failed.join(' and ')}`)
  process.exit(1)
}
