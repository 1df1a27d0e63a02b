import { expect, test } from 'vitest'
import { once } from '../../src/checks/once.ts'
import type { Context } from '../../src/context.ts'
import { localHost } from '../../src/hosts/local.ts'

const lines = (text: string) => text.split('\n').filter((line) => line !== '')
const here = (): Context => ({ hosts: () => localHost() }) as unknown as Context
const ask = (program: string, argv: readonly [string, ...string[]] = ['sh']) =>
  once(here(), 'source', { argv, stdin: program, parse: lines })

test('a program sent by swapctl that breaks off is reported with its last output', async () => {
  await expect(ask('echo found; exit 0')).resolves.toEqual(['found'])
  await expect(ask('echo half; echo first >&2; echo why >&2; exit 3')).rejects.toMatchObject({
    where: 'source',
    message: 'the program that asks there exited 3: why',
  })
})

test('no answer without an interpreter, or from a program of the machine itself', async () => {
  await expect(ask('print(1)', ['sh', '-c', 'exec no-such-python -'])).resolves.toBeUndefined()
  await expect(once(here(), 'source', { argv: ['false'], parse: lines })).resolves.toBeUndefined()
})
