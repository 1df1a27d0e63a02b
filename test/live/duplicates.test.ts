import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { askHolders, askStrangers } from '../../src/cutover/keepers/holders.ts'
import { execute } from '../../src/engine/run.ts'
import { type Bench, openBench } from '../engine.ts'
import { api, contextOf, give, macOf, type OpenBoxes, openBoxes, places, six, takeAway } from './controllers.ts'

let bench: Bench
let boxes: OpenBoxes

beforeAll(async () => {
  boxes = await openBoxes('swapdup', { source: places(11, [api, six]) })
  bench = await openBench()
})

afterAll(async () => {
  await bench?.close()
  await boxes?.close()
})

describe.each([api, six])('which machine has $address', (moving) => {
  const { source, target } = { source: 'source', target: 'target' } as const
  const context = () => contextOf(boxes, bench.directory, [moving])
  const own = async () => [{ mac: await macOf(boxes.source) }]
  const strangers = async () => askStrangers(context().hosts, moving, await own())

  test('is answered by its holder, and no neighbour learns from the question', async () => {
    await boxes.source.ask('ip', 'neigh', 'flush', 'dev', 'eth0')
    expect(await askHolders(context().hosts(target), moving.address, 'eth0')).toEqual([await macOf(boxes.source)])
    expect(await strangers()).toEqual([])
    expect(await boxes.source.ask('ip', 'neigh', 'show')).not.toContain(await macOf(boxes.target))
    // Never the machine itself, and no one for an unused address.
    expect(await askHolders(context().hosts(source), moving.address, 'eth0')).toEqual([])
    const nobody = moving === six ? 'fd00:77::a:99' : '10.77.0.99'
    expect(await askHolders(context().hosts(target), nobody, 'eth0')).toEqual([])
  })

  test.each([source, target])(
    'is refused before anything moves when a third has it that only the %s hears',
    async (side) => {
      await give(boxes.compute, moving)
      // The third machine's answers to the other side are lost.
      const deaf = await macOf(side === 'source' ? boxes.target : boxes.source)
      await boxes.compute.ask(
        'nft',
        `add table netdev lost; add chain netdev lost out { type filter hook egress device eth0 priority 0; }; add rule netdev lost out ether daddr ${deaf} drop`,
      )
      try {
        expect(await strangers()).toEqual([await macOf(boxes.compute)])
        const engine = await bench.engine({ hosts: context().hosts })
        await expect(execute(holdSteps(context()), engine)).rejects.toThrow(
          `is also claimed by ${await macOf(boxes.compute)}, which is not the source`,
        )
        expect(await boxes.target.ask('ip', 'addr', 'show')).not.toContain(moving.address)
      } finally {
        await boxes.compute.ask('nft', 'delete table netdev lost')
        await takeAway(boxes.compute, moving)
      }
      expect(await strangers()).toEqual([])
    },
  )
})
