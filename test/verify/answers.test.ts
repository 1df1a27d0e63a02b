import { expect, test } from 'vitest'
import { answerText, lastLine } from '../../src/commands/verify.ts'
import type { Context } from '../../src/context.ts'
import type { Entry } from '../../src/engine/journal.ts'
import { SwapError } from '../../src/errors.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import type { Difference } from '../../src/verify/difference.ts'
import type { Part } from '../../src/verify/parts.ts'
import { askPart } from '../../src/verify/run.ts'

const context = {} as Context
const entries = (...ids: readonly string[]): { entries: readonly Entry[] } => ({
  entries: ids.map((step) => ({ at: '', event: 'done', step })),
})
const difference: Difference = { part: 'schema', where: 'nova.t', says: 'other', look: 'SHOW CREATE TABLE t' }
const part = (ask: Part['ask']): Part => ({
  part: 'schema',
  title: 'made alike',
  after: (_, recipe) => [`${recipe.name}/schema`],
  ask,
})
const recipes = [keystone, nova]

test('a part asks the services that are far enough, and names what the others wait for', async () => {
  const asked: string[] = []
  const quiet = part(async (_, some) => {
    asked.push(...some.map(({ name }) => name))
    return { differences: [] }
  })
  expect(await askPart(quiet, context, recipes, entries())).toMatchObject({
    state: 'not yet',
    why: ['not done yet: keystone/schema, nova/schema'],
  })
  expect(asked).toEqual([])
  expect(await askPart(quiet, context, recipes, entries('keystone/schema'))).toMatchObject({
    state: 'equal',
    services: ['keystone'],
    why: ['not done yet: nova/schema'],
  })
  expect(asked).toEqual(['keystone'])
})

test('differences, and parts that cannot be asked, are distinguished from success', async () => {
  const all = entries('keystone/schema', 'nova/schema')
  const different = await askPart(
    part(async () => ({ differences: [difference] })),
    context,
    recipes,
    all,
  )
  const broken = part(async () => {
    throw new SwapError('target, MariaDB', 'gone', 'Start it')
  })
  const failed = await askPart(broken, context, recipes, all)
  expect(different.state).toBe('different')
  expect(failed).toMatchObject({ state: 'failed', why: ['target, MariaDB: gone\nStart it'] })
  expect(answerText({ ...different, seconds: 1 })).toBe(
    '✖ schema       made alike: 1 difference  1.0 s  (keystone, nova)\n  nova.t: other\n      look: SHOW CREATE TABLE t',
  )
  expect(answerText(failed)).toContain('made alike: failed')
  expect(lastLine([different, failed])).toBe('1 difference; 1 of the proofs could not run')
  expect(lastLine([{ ...different, differences: [] }])).toBe('No differences')
  // A bug in swapctl is not hidden as a finding.
  const mistaken = part(async () => {
    throw new TypeError('no')
  })
  await expect(askPart(mistaken, context, recipes, all)).rejects.toThrow(TypeError)
})
