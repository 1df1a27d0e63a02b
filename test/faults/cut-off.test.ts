import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cloud, openCloud } from './cloud.ts'
import { type Running, start, until } from './disturb.ts'
import { type LightName, openLight } from './light.ts'
import { type Picture, takePicture } from './picture.ts'

let cloud: Cloud
let served: Picture
/** Seconds of a cutover that nobody confirms: `status` asks both sides as it does, in less than a tenth of them. */
let budget = 20

beforeAll(async () => {
  cloud = await openCloud(await openLight('cutoff'))
  served = await takePicture(cloud.light, 'source')
  await cloud.done('prepare')
  await cloud.done('migrate')
  const began = Date.now()
  await cloud.done('status')
  budget = Math.max(budget, Math.ceil((Date.now() - began) / 100))
})
afterAll(() => cloud?.close())

const holders = async (): Promise<string> => {
  const script = `ip -o addr show dev eth0 to ${cloud.light.vip} | grep -q . && echo yes || true`
  const has = async (side: LightName) => ((await cloud.light.sh(side, script)).trim() === 'yes' ? [side] : [])
  return [...(await has('source')), ...(await has('target'))].join(' and ')
}

const armed = async (side: LightName): Promise<boolean> =>
  (await cloud.light.attempt(side, ['grep', '-qxE', 'armed|putting-back', '/var/lib/swapctl-putback/state'])).code === 0

/** Unplugs the operator at a line of the journal, and plugs it in when nothing is armed any more. */
const cutAt = async (line: string, ...words: readonly string[]): Promise<string> => {
  const { light } = cloud
  const plan = join(cloud.desk, 'at-line.json')
  await writeFile(plan, JSON.stringify({ seen: [], at: line, command: light.command('link', 'operator', 'down') }))
  const { code, stdout, stderr } = await cloud.swapctl(words, { atLine: plan })
  expect(code, stdout + stderr).toBe(1)
  await until('the timers have decided', async () => !(await armed('source')) && !(await armed('target')))
  await until('one has the address', async () => ['source', 'target'].includes(await holders()))
  await light.link('operator', 'up')
  return stdout + stderr
}

/** The target runs as usual, but its keystone cannot be reached from outside. */
const gate = {
  shut: () =>
    cloud.light.sh(
      'target',
      'nft "add table inet gate; add chain inet gate in { type filter hook input priority -200; }; add rule inet gate in iifname eth0 tcp dport 5000 reject with tcp reset"',
    ),
  open: () => cloud.light.sh('target', 'nft delete table inet gate'),
}

const takenBack = async (): Promise<void> => {
  expect(await holders()).toBe('source')
  expect([await armed('source'), await armed('target')]).toEqual([false, false])
}

test('without an answer at the moved address the cutover rolls back in time, and retries as often as asked', async () => {
  await gate.shut()
  const { code, stdout, stderr } = await cloud.swapctl(['cutover', '--yes', '--budget', `${budget}`, '--retries', '1'])
  await gate.open()
  const said = stdout + stderr
  expect(code, said).toBe(1)
  expect(said.match(/✖ cutover\/green /g), said).toHaveLength(2)
  expect(said).toMatch(/some services do not answer at the moved addresses with -?\d+ s of the budget left: .*5000/)
  expect(said).toContain('Rolled back to the source; retrying in 10 s (retries left: 1)')
  expect(said).toContain('the addresses are back on the source; its services are still stopped')
  await takenBack()
})

const moved = 'the only machine that answers for it'

/** Waits for this text in its output; throws the output if it ends first. */
const says = (running: Running, text: string): Promise<void> =>
  Promise.race([
    until(text, () => running.said().includes(text)).catch((error: Error) => {
      throw new Error(`${error.message}:\n${running.said()}`)
    }),
    running.ended.then(({ said }) => Promise.reject(new Error(`${text}: not in\n${said}`))),
  ])

test('one file postpones the move, another rolls it back at once, and so does Ctrl-C', async () => {
  await gate.shut()
  const [later, panic] = [join(cloud.desk, 'later'), join(cloud.desk, 'panic')]
  await writeFile(later, '')
  const words = ['cutover', '--yes', '--budget', '300', '--postpone-file', later, '--panic-file', panic]
  const first = start(cloud, words)
  await says(first, `postponed while ${later} exists`)
  await takenBack()
  await rm(later)
  await says(first, moved)
  expect(await holders()).toBe('target')
  await writeFile(panic, '')
  const panicked = await first.ended
  expect(panicked.code, panicked.said).toBe(1)
  expect(panicked.said).toContain(`${panic} appeared before the cutover was confirmed`)
  await takenBack()
  await rm(panic)

  const second = start(cloud, words)
  await says(second, moved)
  second.signal('SIGINT')
  const stopped = await second.ended
  await gate.open()
  expect(stopped.code, stopped.said).toBe(1)
  expect(stopped.said).toContain('the addresses are back on the source')
  await takenBack()
})

test('a cutover whose operator is cut off rolls back by itself and can be retried; a confirmed one stays', async () => {
  for (const line of ['begun cutover/move', 'done cutover/move']) {
    const said = await cutAt(line, 'cutover', '--yes', '--budget', `${budget}`)
    expect(said, line).toContain('its rollback timer will')
    expect(await holders(), line).toBe('source')
    expect(await cloud.done('status'), line).toMatch(
      new RegExp(`target: rolled back .*not confirmed within ${budget} s`),
    )
  }
  const said = await cutAt('done cutover/confirm', 'cutover', '--yes', '--budget', `${3 * budget}`)
  expect(said).toContain('the addresses stay on the target')
  expect(await holders()).toBe('target')
  expect(await cloud.done('cutover', '--yes')).toContain('The target serves')
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back: same as before')
  expect(await holders()).toBe('source')
  expect(await takePicture(cloud.light, 'source')).toEqual(served)
})
