import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Measured } from '../../bench/measure.ts'

const root = resolve(import.meta.dirname, '../..')
let built: string

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'bench-built-'))
  for (const name of ['node_modules', 'test']) symlinkSync(join(root, name), join(built, name))
  writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(built, 'dist')]
  execFileSync(join(root, 'node_modules/.bin/tsc'), options, { stdio: 'inherit' })
  execFileSync(process.execPath, [join(root, 'tools/copy-programs.mjs'), join(built, 'dist')])
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

interface End {
  readonly code: number | string | null | undefined
  readonly pid: number | undefined
  readonly stdout: string
  readonly stderr: string
}

const run = (...options: readonly string[]): Promise<End> =>
  new Promise((done) => {
    const argv = [join(built, 'dist/bench/bench.js'), '--json', join(built, 'bench.json'), ...options]
    const child = execFile(process.execPath, argv, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, pid: child.pid, stdout, stderr }),
    )
  })

test('a tiny benchmark runs every job, gives ratios and memory, and leaves nothing behind', async () => {
  const { code, pid, stdout, stderr } = await run('--rows', '2000', '--block-devices', '1500')
  expect(code, stderr).toBe(0)
  const { results } = JSON.parse(readFileSync(join(built, 'bench.json'), 'utf8')) as { results: readonly Measured[] }
  const ours = results.filter(({ way }) => way.startsWith('swapctl'))
  expect(new Set(ours.map(({ job }) => job.split(' ')[0]))).toEqual(new Set(['transfer', 'verify', 'fixups']))
  for (const one of ours) expect(one, stdout).toMatchObject({ seconds: expect.any(Number), memory: expect.any(Number) })
  const against = (job: string) => ours.filter((one) => one.job.startsWith(job)).map((one) => one.against)
  expect(against('transfer of 2000')).toEqual(['mysqldump | mysql', expect.stringContaining('myloader')])
  expect(against('verify of 2000')).toEqual([expect.stringContaining('CRC32')])
  expect(against('fixups of 1500')).toEqual(['UPDATE ... REPLACE()'])
  // A missing tool is reported as such, without a ratio.
  for (const { against: other, ratio } of ours)
    if (other !== undefined) expect(ratio === undefined).toBe(other.includes('not had'))
  expect(existsSync(join(tmpdir(), `swapctl-bench-${pid}`))).toBe(false)
}, 600_000)

test('an unknown job and an invalid number are refused before anything starts', async () => {
  expect(await run('--only', 'everything')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there are transfer'),
  })
  expect(await run('--rows', '5e6')).toMatchObject({ code: 1, stderr: expect.stringContaining('not a whole number') })
})
