import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { decisionChecks } from '../../src/checks/decisions.ts'
import { contextOf } from '../real-plans.ts'
import { machines } from '../transfer/machines.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swapctl-decisions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const said = async (
  id: 'settings/decisions' | 'settings/defaults',
  text = '',
  files: Readonly<Record<string, string>> = {},
) => {
  const context = contextOf('keystone-glance', machines({ source: { files }, target: {} }))
  if (text !== '') writeFileSync(join(folder, 'swapctl.decisions.ini'), text)
  const config = { ...context.config, file: join(folder, 'swapctl.ini') }
  const found = await decisionChecks
    .find((check) => check.id === id)
    ?.ask({ ...context, config, recreate: false, claimed: false } as CheckContext)
  return found?.map(({ says }) => says) ?? []
}

const entry = (title: string, decision: string): string => `[${title}]\ndecision = ${decision}\nreason = looked at\n`
const keystone = { '/etc/keystone/keystone.conf': '[DEFAULT]\ndebug = true\n' }

test('valid decisions, or none, give no finding', async () => {
  expect(await said('settings/decisions', '', keystone)).toEqual([])
  expect(await said('settings/decisions', entry('keystone DEFAULT debug', 'drop'), keystone)).toEqual([])
})

test('a decision that matches nothing, is malformed or names an absent service blocks', async () => {
  const at = (line: number) => `${join(folder, 'swapctl.decisions.ini')}, line ${line}: `
  expect(await said('settings/decisions', entry('keystone DEFAULT debugg', 'keep'), keystone)).toEqual([
    `${at(1)}[keystone DEFAULT debugg]: keep matches nothing: the source does not set it (/etc/keystone/keystone.conf)`,
  ])
  expect(await said('settings/decisions', entry('keystone DEFAULT debug', 'away'), keystone)).toEqual([
    `${at(1)}[keystone DEFAULT debug]: decision must be keep, drop, pin or set VALUE`,
  ])
  expect(await said('settings/decisions', entry('heat DEFAULT debug', 'drop'), keystone)).toEqual([
    `${at(1)}heat is not on the source`,
  ])
})

test('changed defaults that nobody has set are reported until they are decided', async () => {
  const names = (lines: readonly string[]) =>
    lines.map((line) => /^\[(\S+)\] (\w+) of (\S+?):/.exec(line)?.slice(1).join(' '))
  const both = ['oslo_policy enforce_new_defaults', 'oslo_policy enforce_scope'].map(
    (one) => `${one} /etc/keystone/keystone.conf`,
  )
  expect(names(await said('settings/defaults', '', keystone))).toEqual(both)
  const decided =
    entry('keystone oslo_policy enforce_scope', 'pin') + entry('keystone oslo_policy enforce_new_defaults', 'drop')
  expect(await said('settings/defaults', decided, keystone)).toEqual([])
  expect(names(await said('settings/defaults', 'nonsense', keystone))).toEqual(both)
})
