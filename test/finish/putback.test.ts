import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { SwapError } from '../../src/errors.ts'
import { finishSteps } from '../../src/finish/steps.ts'
import type { HostName } from '../../src/hosts/host.ts'
import { surveyed } from '../fixtures/facts/survey.ts'

/** The plan where some of the machines do not answer and the others have nothing left. */
const stepsWithout = (...silent: readonly HostName[]) => {
  const hosts = (name: HostName) => ({
    name,
    run: async () => {
      if (silent.includes(name)) throw new SwapError(name, 'does not answer', 'Boot it')
      return { code: 0, stdout: '', stderr: '' }
    },
  })
  const config = { name: 'test', state: '/none', addresses: [] }
  const context = { hosts, survey: surveyed, recipes: [], config } as unknown as Context
  return finishSteps(context)
}

const proofWithout = (...silent: readonly HostName[]) =>
  stepsWithout(...silent)
    .find(({ id }) => id === 'finish/putback')
    ?.proof?.()

test('a source that is gone is reported; a silent target is not proved clean', async () => {
  expect(await proofWithout()).toBe('nothing left')
  expect(await proofWithout('source')).toBe('nothing left on the target; the source does not answer')
  await expect(proofWithout('target')).rejects.toMatchObject({ where: 'target', message: 'does not answer' })
  await expect(proofWithout('source', 'target')).rejects.toMatchObject({ where: 'target' })
})

test('the fence is down before the units are removed, for one of them is its own', () => {
  const units = stepsWithout().find(({ id }) => id === 'finish/units')
  expect(units?.after).toContain('finish/fence')
})
