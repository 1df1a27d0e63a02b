import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { long } from '../long.ts'
import { addAgent, brokersOf, confirmed, head, keepAll, makeCompute, section } from './agents.ts'
import { type Built, build } from './build.ts'
import { api, give, type OpenBoxes, openBoxes, put } from './controllers.ts'
import { type BoxSshd, sshdIn } from './inetd.ts'
import { type Sshd, startSshd } from './machines.ts'
import type { Box } from './namespaces.ts'

const many = long ? 50 : 10

/** A sample file of the size that distributions ship. */
const conf = `${'# a comment of a sample file that explains an option at length\n'.repeat(4000)}[DEFAULT]
transport_url = rabbit://openstack:Zr5-word@10.77.0.11:5672//
`

let directory: string
let built: Built
let shared: Sshd
let boxes: OpenBoxes
let computes: readonly Box[]
const sshds: BoxSshd[] = []

const opened = async (box: Box, with_?: Sshd) => {
  const sshd = await sshdIn(box, with_)
  sshds.push(sshd)
  return sshd.machine
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-many-'))
  built = build('test/live/computes-program.ts')
  ;[boxes, shared] = await Promise.all([openBoxes('swapman'), startSshd()])
  const { source, target } = boxes
  await give(target, api)
  await keepAll(source, 5672)
  await keepAll(target, 5672)
  const [from, to] = [await opened(source), await opened(target)]
  const sections = [head(directory, from, to)]
  const all: Box[] = []
  for (let at = 0; at < many; at += 1) {
    const box = await boxes.net.box(`m${at}`, [`10.77.0.${100 + at}/24`], true)
    await makeCompute(box)
    await put(box, '/etc/nova/nova.conf', conf)
    await addAgent(box, 'nova-compute', '/etc/nova/nova.conf')
    sections.push(section(`compute m${at}`, await opened(box, shared)))
    all.push(box)
  }
  computes = all
  await writeFile(join(directory, 'swapctl.ini'), sections.join('\n'))
  await confirmed(directory, from, to)
}, 900_000)

afterAll(async () => {
  await Promise.all(sshds.map((sshd) => sshd.stop()))
  await boxes?.close()
  await shared?.stop()
  built?.remove()
  await rm(directory, { recursive: true, force: true })
}, 300_000)

test('many computes follow in little time and memory', async () => {
  const began = Date.now()
  const words = [built.path, '--config', join(directory, 'swapctl.ini'), 'computes', 'retarget', '--yes']
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 1e8 })
  const seconds = (Date.now() - began) / 1000
  const memory = Number(/^peak (\d+) MiB$/m.exec(stdout)?.[1])
  // On two cores, on which the computes run as well.
  process.stdout.write(`${many} computes: ${seconds.toFixed(0)} s, ${memory} MiB\n`)
  for (const box of computes) expect(await brokersOf(box)).toEqual(['10.77.0.12'])
  expect(stdout).toContain(`${many} of ${many} computes have something to rewrite`)
  expect(memory).toBeLessThan(400)
}, 900_000)
