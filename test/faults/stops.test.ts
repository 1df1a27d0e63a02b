import { afterAll, beforeAll, expect, test } from 'vitest'
import { stateOf } from '../../src/engine/journal.ts'
import { type Cloud, openCloud } from './cloud.ts'
import { type Gate, gateInDump, makeGate, type Running, start, until } from './disturb.ts'
import { type Light, type LightName, openLight } from './light.ts'
import { type Picture, takePicture, takePictures } from './picture.ts'

let cloud: Cloud
let light: Light
let served: Picture
/** Where each program pauses while its gate is shut. */
let gates: Readonly<Record<'dump' | 'units' | 'letGo' | 'install' | 'server' | 'fence' | 'remove', Gate>>

beforeAll(async () => {
  cloud = await openCloud(await openLight('stops'))
  light = cloud.light
  served = await takePicture(light, 'source')
  const gate = (machine: LightName, program: string, which: string) =>
    makeGate(light, machine, program, `! ${which} || gate\nexec "$real" "$@"`)
  gates = {
    dump: await gateInDump(light, 100_000),
    units: await gate('source', 'systemctl', '[ "$1" = start ]'),
    letGo: await gate('source', 'ip', '[ "$1 $2" = "addr del" ]'),
    install: await gate('target', 'apt-get', '[[ " $* " = *" keystone "* ]]'),
    server: await gate('target', 'systemctl', '[ "$1 $2" = "restart mariadb.service" ]'),
    fence: await gate('target', 'nft', '[ "$1" = -f ]'),
    remove: await gate('target', 'rm', '[[ " $* " = *swapctl/owner.json* ]]'),
  }
})
afterAll(() => cloud?.close())

/** Runs `act` on a swapctl that has reached a gate, opens the gate, and resolves with its output when it exits 1. */
const at = async (gate: Gate, words: readonly string[], act: (running: Running) => Promise<unknown>) => {
  await gate.shut()
  const running = start(cloud, words)
  try {
    await Promise.race([gate.reached(), running.ended.then(({ said }) => Promise.reject(new Error(said)))])
    await act(running)
  } finally {
    await gate.open()
  }
  const { code, said } = await running.ended
  expect(code, said).toBe(1)
  return said
}

const once = async (running: Running): Promise<void> => {
  running.signal('SIGINT')
  await until('it has heard', () => running.said().includes('Stopping after the running steps end'))
}
const twice = async (running: Running): Promise<unknown> => {
  await once(running)
  running.signal('SIGINT')
  return running.ended
}

const onwards = (command: string) => `Continue with: swapctl ${command}`
const holders = async (): Promise<readonly string[]> => {
  const has = async (side: LightName) =>
    (await light.sh(side, 'ip -o addr show dev eth0')).includes(` ${light.vip}/24 `) ? [side] : []
  return [...(await has('source')), ...(await has('target'))]
}

test('prepare: a second Ctrl-C stops during the installation, one stops after a step; then it continues to its end', async () => {
  const broken = await at(gates.install, ['prepare'], twice)
  expect(broken).toMatch(/stopped immediately; unfinished: .*packages\/install.*\n {2}\d+ of \d+ steps are done/)
  expect(broken).toMatch(/\n {2}next: \S+ {2}\S/)
  expect(broken).toContain(onwards('prepare'))
  const stopped = await at(gates.server, ['prepare'], once)
  expect(stopped).toMatch(/mariadb\/server .*max_connections/)
  expect(stopped).toMatch(
    /stopped as requested, no step is unfinished\n {2}\d+ of \d+ steps are done: .*\n {2}next: \S+ {2}\S/,
  )
  expect(stopped).toContain(onwards('prepare'))
  expect(await cloud.done('prepare')).toContain('Next: swapctl migrate')
  expect(await takePicture(light, 'source')).toEqual(served)
})

let migrated: Picture

/** Programs beside a dump have ended: they would be cut too, and reported first. */
const dumpsAlone = async (): Promise<boolean> => {
  const entries = await cloud.journal()
  return ['freeze/fingerprint', 'keystone/files'].every((step) => stateOf({ entries }, step) === 'done')
}

const cuts = {
  'the network between operator and source': {
    cut: () => light.cut('source'),
    fix: () => light.fix('source'),
    says: /\nsource: the connection was lost while this ran: .*dump/,
  },
  "the operator's own cable": {
    cut: () => light.link('operator', 'down'),
    fix: () => light.link('operator', 'up'),
    says: /\n(source|target): the connection was lost while this ran: .*(dump|import)/,
  },
} as const

test.each(Object.entries(cuts))('migrate: %s is cut in the middle of a dump', async (_, { cut, fix, says }) => {
  const said = await at(gates.dump, ['migrate'], async (running) => {
    await until('nothing else runs', dumpsAlone)
    await cut()
    await running.ended
  })
  await fix()
  expect(said).toMatch(/keystone\/import-keystone: .*failed/)
  expect(said).toMatch(says)
  expect(said).toMatch(
    /swapctl does not know how far the program got[\s\S]*Run the same command again .*swapctl revert/,
  )
})

test('migrate continues once the network is back', async () => {
  expect(await cloud.done('migrate')).toContain('Everything runs on the target; no client reaches it yet')
  migrated = await takePictures(light)
})

test('revert, cut off from the source half-way, says so, continues, and restores the source', async () => {
  const said = await at(gates.units, ['revert', '--yes'], async (running) => {
    await light.cut('source')
    await running.ended
  })
  await light.fix('source')
  expect(said).toMatch(/the undo of .* failed\.\nsource: the connection was lost while this ran/)
  expect(said).toContain('run the same command again; it continues with what is left')
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back: same as before')
  expect(await takePicture(light, 'source')).toEqual(served)
})

test('an undisturbed migrate ends in the same state as the disturbed one', async () => {
  await cloud.done('migrate')
  expect(await takePictures(light)).toEqual(migrated)
})

test('cutover: one Ctrl-C during the move rolls back, a second leaves it to the next run', async () => {
  const stopped = await at(gates.letGo, ['cutover', '--yes'], once)
  expect(stopped).toMatch(/stopped as requested[\s\S]*the addresses are back on the source/)
  expect(await holders()).toEqual(['source'])
  const broken = await at(gates.letGo, ['cutover', '--yes'], twice)
  expect(broken).toMatch(/stopped immediately; unfinished: cutover\/move\n {2}\d+ of \d+ steps are done/)
  expect(broken).toContain('nothing was rolled back: the rollback timers will do it')
  expect(await cloud.done('cutover', '--yes')).toContain('The target serves')
  expect(await holders()).toEqual(['target'])
})

test('finish: after the point of no return the command continues after one or two Ctrl-C', async () => {
  const stopped = await at(gates.fence, ['finish', '--yes'], once)
  expect(stopped).toMatch(/finish\/fence .*no fence on the target[\s\S]*stopped as requested, no step is unfinished/)
  expect(stopped).toContain(onwards('finish'))
  const broken = await at(gates.remove, ['finish', '--yes'], twice)
  expect(broken).toMatch(/stopped immediately; unfinished: finish\/claim/)
  expect(broken).toContain(onwards('finish'))
  expect((await cloud.swapctl(['revert', '--yes'])).code).toBe(2)
  expect(await cloud.done('finish', '--yes')).toContain('The swap is finished')
  expect(await holders()).toEqual(['target'])
})
