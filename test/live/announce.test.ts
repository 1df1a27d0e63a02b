import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { MovingAddress } from '../../src/config.ts'
import { announceStep } from '../../src/cutover/handover/agree.ts'
import { execute } from '../../src/engine/run.ts'
import { type Bench, openBench } from '../engine.ts'
import { api, contextOf, give, macOf, type OpenBoxes, openBoxes, places, six, takeAway } from './controllers.ts'
import type { Box } from './namespaces.ts'

let bench: Bench
let boxes: OpenBoxes
let gateway: Box

const both = [api, six]

beforeAll(async () => {
  boxes = await openBoxes('swapann', { source: places(11, both) })
  gateway = await boxes.net.box('gateway', places(1))
  for (const side of [boxes.source, boxes.target]) {
    await side.ask('ip', 'route', 'add', 'default', 'via', '10.77.0.1', 'dev', 'eth0')
    await side.ask('ip', '-6', 'route', 'add', 'default', 'via', 'fd00:77::1', 'dev', 'eth0')
  }
})

beforeEach(async () => {
  bench = await openBench()
})

/** Moves the addresses without announcing them: all machines still send to the source. */
const moveSilently = async (): Promise<void> => {
  const { source, target, operator, compute } = boxes
  const old = await macOf(source)
  for (const moving of both) {
    await takeAway(source, moving)
    await give(target, moving)
    for (const box of [operator, compute, gateway])
      await box.ask('ip', 'neigh', 'replace', moving.address, 'lladdr', old, 'dev', 'eth0', 'nud', 'stale')
  }
}

const run = async (): Promise<string> => {
  const context = contextOf(boxes, bench.directory, both)
  await execute([announceStep(context, [])], await bench.engine({ hosts: context.hosts }))
  return bench.told.join('\n')
}

afterEach(async () => {
  await bench?.close()
  for (const box of [boxes.operator, boxes.compute, gateway]) {
    for (const { address } of both) await box.run(['ip', 'neigh', 'del', address, 'dev', 'eth0'])
    await box.run(['nft', 'flush', 'ruleset'])
  }
})

afterAll(() => boxes?.close())

test('computes, the operator and the router learn IPv4 and IPv6 addresses, and all send to the target', async () => {
  await moveSilently()
  expect(await boxes.compute.ask('ip', 'neigh')).toContain(await macOf(boxes.source))
  const told = await run()
  for (const { address } of both)
    for (const who of ['compute:cmp1', 'local', `router ${address.includes(':') ? 'fd00:77::1' : '10.77.0.1'}`])
      expect(told).toContain(`${who} sends traffic for ${address} to the target`)
  for (const box of [boxes.operator, boxes.compute, gateway])
    expect(await box.ask('ip', 'neigh')).not.toContain(await macOf(boxes.source))
})

test('a compute that misses the first announcements receives a later one', async () => {
  await moveSilently()
  const target = await macOf(boxes.target)
  await boxes.compute.ask(
    'nft',
    `add table netdev deaf; add chain netdev deaf in { type filter hook ingress device eth0 priority 0; }; add rule netdev deaf in ether saddr ${target} drop`,
  )
  const running = run()
  await expect
    .poll(() => bench.told.join('\n'), { timeout: 30_000 })
    .toMatch(/progress .*compute:cmp1 sends .* the source/)
  await boxes.compute.ask('nft', 'delete table netdev deaf')
  expect(await running).toContain('compute:cmp1 sends traffic for 10.77.0.10 to the target')
})

test('a compute and a router that keep sending to the source are named, without a login on the router', async () => {
  await moveSilently()
  const mac = await macOf(boxes.source)
  const pin = (box: Box, { address }: MovingAddress) =>
    box.ask('ip', 'neigh', 'replace', address, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent')
  await Promise.all([pin(boxes.compute, six), pin(gateway, api), pin(gateway, six)])
  await expect(run()).rejects.toMatchObject({
    where: 'cutover/announce',
    message: expect.stringMatching(
      new RegExp(
        `router 10.77.0.1, compute:cmp1, router fd00:77::1: after \\d+ s and \\d+ announcements: .*cmp1 sends traffic for ${six.address} to ${mac}, the source`,
      ),
    ),
  })
})

test('a router that answers no echo, and a client that cannot be asked, are reported', async () => {
  await moveSilently()
  await gateway.ask(
    'nft',
    'add table inet shut; add chain inet shut in { type filter hook input priority 0; }; add rule inet shut in meta l4proto icmp drop; add rule inet shut in icmpv6 type echo-request drop',
  )
  const client = await boxes.net.box('client', ['10.77.0.50/24'])
  await client.ask(
    'ip',
    'neigh',
    'add',
    api.address,
    'lladdr',
    await macOf(boxes.source),
    'dev',
    'eth0',
    'nud',
    'permanent',
  )
  client.start('bash', '-c', 'for turn in {1..300}; do echo >"/dev/udp/$0/9"; sleep 0.2; done 2>/dev/null', api.address)
  const told = await run()
  expect(told).toContain(
    'router 10.77.0.1 does not answer pings: it was sent the announcement of 10.77.0.10, but not checked',
  )
  expect(told).toMatch(
    /10\.77\.0\.50 \([0-9a-f:]+\) sends traffic for 10\.77\.0\.10 to the source, after 1\d s: clear its entry by hand/,
  )
})
