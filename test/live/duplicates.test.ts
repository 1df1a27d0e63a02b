import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MovingAddress } from '../../src/config.ts'
import { holdSteps } from '../../src/cutover/hold.ts'
import { askHolders, askStrangers } from '../../src/cutover/holders.ts'
import { execute } from '../../src/engine/run.ts'
import { type Bench, openBench } from '../engine.ts'
import { type Controllers, contextOf } from './controllers.ts'
import { type Net, openNet } from './namespaces.ts'

let net: Net
let bench: Bench
let boxes: Controllers

const four: MovingAddress = {
  name: 'four',
  address: '10.77.0.10',
  prefix: 24,
  sourceInterface: 'eth0',
  targetInterface: 'eth0',
}
const six: MovingAddress = { ...four, name: 'six', address: 'fd00:77::a:10', prefix: 64 }

beforeAll(async () => {
  net = await openNet('swapdup')
  bench = await openBench()
  const box = (name: string, last: number, ...more: readonly string[]) =>
    net.box(name, [`10.77.0.${last}/24`, `fd00:77::${last}/64`, ...more])
  const [source, target, operator, compute] = await Promise.all([
    box('source', 11, '10.77.0.10/24', 'fd00:77::a:10/64'),
    box('target', 12),
    box('operator', 2),
    box('compute', 13),
  ])
  boxes = { source, target, operator, compute }
})

afterAll(async () => {
  await bench?.close()
  await net?.close()
})

const macOf = async (name: keyof Controllers): Promise<string> =>
  (await boxes[name].ask('cat', '/sys/class/net/eth0/address')).trim()

describe.each([four, six])('who has $address', (moving) => {
  const { source, target } = { source: 'source', target: 'target' } as const
  const flags = moving === six ? ['nodad'] : []
  const context = () => contextOf(boxes, bench.directory, [moving])
  const own = async () => [{ mac: await macOf('source') }]
  const strangers = async () => askStrangers(context().hosts, moving, await own())
  const add = () =>
    boxes.compute.ask('ip', 'addr', 'add', `${moving.address}/${moving.prefix}`, 'dev', 'eth0', ...flags)
  const remove = () => boxes.compute.ask('ip', 'addr', 'del', `${moving.address}/${moving.prefix}`, 'dev', 'eth0')

  test('is told by the one that has it, and nobody learns from the question', async () => {
    await boxes.source.ask('ip', 'neigh', 'flush', 'dev', 'eth0')
    expect(await askHolders(context().hosts(target), moving.address, 'eth0')).toEqual([await macOf('source')])
    expect(await strangers()).toEqual([])
    expect(await boxes.source.ask('ip', 'neigh', 'show')).not.toContain(await macOf('target'))
    // Not the machine itself, and nobody for an address that nobody has.
    expect(await askHolders(context().hosts(source), moving.address, 'eth0')).toEqual([])
    const nobody = moving === six ? 'fd00:77::a:99' : '10.77.0.99'
    expect(await askHolders(context().hosts(target), nobody, 'eth0')).toEqual([])
  })

  test.each([source, target])(
    'is refused before anything moves when a third has it that only the %s hears',
    async (side) => {
      await add()
      // What the third answers to the other side gets lost on the way.
      const deaf = await macOf(side === 'source' ? 'target' : 'source')
      await boxes.compute.ask(
        'nft',
        `add table netdev lost; add chain netdev lost out { type filter hook egress device eth0 priority 0; }; add rule netdev lost out ether daddr ${deaf} drop`,
      )
      try {
        expect(await strangers()).toEqual([await macOf('compute')])
        const engine = await bench.engine({ hosts: context().hosts })
        await expect(execute(holdSteps(context()), engine)).rejects.toThrow(
          `is also answered for by ${await macOf('compute')}, which is not the source`,
        )
        expect(await boxes.target.ask('ip', 'addr', 'show')).not.toContain(moving.address)
      } finally {
        await boxes.compute.ask('nft', 'delete table netdev lost')
        await remove()
      }
      expect(await strangers()).toEqual([])
    },
  )
})
