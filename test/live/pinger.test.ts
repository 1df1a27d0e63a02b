import { afterEach, beforeEach, expect, test } from 'vitest'
import { startPinger } from '../../lab/pinger.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let enter: readonly string[]
let two: Box

beforeEach(async () => {
  net = await openNet('swapping')
  enter = (await net.box('one', ['10.79.0.1/24'])).enter
  two = await net.box('two', [])
})
afterEach(() => net?.close())

const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms))
const appear = () => two.ask('ip', 'addr', 'add', '10.79.0.2/24', 'dev', 'eth0')

test('counting starts when the path works: earlier losses do not count, and none follow', async () => {
  const pinger = startPinger(enter, '10.79.0.2', { every: 20 })
  await wait(500)
  await appear()
  await pinger.works
  await wait(1000)
  const seen = await pinger.stop()
  expect(seen).toMatchObject({ lost: 0, gap: 0 })
  expect(seen.sent).toBeGreaterThan(5)
  expect(await pinger.stop()).toEqual(seen)
})

test('a cut path counts as lost for as long as it is cut, also to the end', async () => {
  await appear()
  const pinger = startPinger(enter, '10.79.0.2', { every: 20 })
  const stays = startPinger(enter, '10.79.0.2', { every: 20 })
  await Promise.all([pinger.works, stays.works])
  await two.ask('ip', 'link', 'set', 'eth0', 'down')
  await wait(1000)
  const cut = await stays.stop()
  await two.ask('ip', 'link', 'set', 'eth0', 'up')
  await wait(4000)
  const seen = await pinger.stop()
  for (const one of [cut, seen]) {
    expect(one.lost).toBeGreaterThan(10)
    expect(one.gap).toBeGreaterThan(0.9)
  }
  expect(seen.lost).toBeLessThan(seen.sent)
})

test('a path that never works is reported as such', async () => {
  const pinger = startPinger(enter, '10.79.0.2', { every: 20, patience: 1 })
  await expect(pinger.works).rejects.toThrow('10.79.0.2 was not reached in 1 s')
  await expect(pinger.stop()).rejects.toThrow('10.79.0.2 was not reached in 1 s')
})
