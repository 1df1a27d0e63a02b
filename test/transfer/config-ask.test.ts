import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import type { Argv, Host } from '../../src/hosts/host.ts'
import { recipeOf } from '../../src/services/index.ts'
import { redact } from '../../src/text/redact.ts'
import { askConfig, askDecided } from '../../src/transfer/config-ask.ts'
import { changesOf, changesText } from '../../src/transfer/config-diff.ts'
import { configStep } from '../../src/transfer/config-step.ts'
import type { Decision } from '../../src/transfer/decision.ts'
import { recordedOptions } from '../../src/transfer/known-table.ts'
import { askValidator, validationText } from '../../src/transfer/validator.ts'
import { contextOf } from '../real-plans.ts'
import { type Machine, machines } from './machines.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swapctl-ask-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const debug = { name: 'debug', dest: 'debug', type: 'boolean value', secret: false }
const known = JSON.stringify({ options: { DEFAULT: { opts: [debug] } }, deprecated_options: {} })
/** A target whose packages know one option. */
const programs = { python3: '["nova.conf"]', 'oslo-config-generator': known }

const path = '/etc/nova/nova.conf'
const text =
  '[DEFAULT]\ndebug = true\nrpc_backend = rabbit\n[database]\nconnection = mysql://nova:S3cr3t-one@192.0.2.11/nova\n'
const nova = recipeOf('nova')

const contextWith = (target: Machine, asked: Argv[] = []): Context => {
  const context = contextOf('victoria-all', machines({ source: { files: { [path]: text } }, target }, asked))
  return { ...context, config: { ...context.config, file: join(folder, 'swapctl.ini'), state: folder } }
}

const decide = (...entries: readonly (readonly [title: string, decision: string])[]): void =>
  writeFileSync(
    join(folder, 'swapctl.decisions.ini'),
    entries.map(([title, decision]) => `[${title}]\ndecision = ${decision}\nreason = looked at\n`).join(''),
  )

test('without packages the tables are used, addresses are mapped, and only questions are asked', async () => {
  const asked: Argv[] = []
  const found = await askConfig(contextWith({}, asked), nova)
  expect(found.told).toBe('tables')
  const of = (option: string) => found.decisions.find((one) => one.option === option)
  expect(of('rpc_backend')).toMatchObject({ fate: 'dropped' })
  expect(of('connection')).toMatchObject({ to: 'mysql+pymysql://***@192.0.2.12/nova' })
  expect(of('enforce_scope')).toMatchObject({ fate: 'default', look: true })
  expect(found.files).toMatchObject([{ path, source: text, text: expect.stringContaining('debug = true') }])
  expect(JSON.stringify(found.decisions)).not.toContain('S3cr3t')
  expect(asked.length).toBeGreaterThan(3)
  for (const [program] of asked) expect(['cat', 'test', 'stat', 'find', 'python3']).toContain(program)
})

test('a target with packages reports its own options', async () => {
  const found = await askConfig(contextWith({ programs, files: { [path]: '[DEFAULT]\n# debug = false\n' } }), nova)
  expect(found.told).toBe('target')
  expect(found.files[0]?.text).toMatch(/^\[DEFAULT\]\n# debug = false\ndebug = true\n/)
  expect(found.decisions.find(({ option }) => option === 'connection')?.reason).toBe('removed in juno')
})

test("the operator's decisions apply to config and to the step, on every run", async () => {
  const context = contextWith({ programs })
  const written = async () => {
    const actions = await configStep(context, nova).run()
    return actions.map((action) => (action.kind === 'write' && action.path === path ? action.content : '')).join('')
  }
  expect(await written()).toContain('debug = true')
  decide(['nova DEFAULT debug', 'set false'], ['keystone DEFAULT debug', 'set false'])
  expect(await written()).toContain('debug = false')
  expect((await askConfig(context, nova)).files[0]?.text).toContain('debug = false')
  decide(['nova DEFAULT debug', 'drop'])
  expect(await written()).not.toContain('debug')
  decide(['nova DEFAULT never_set', 'keep'])
  await expect(written()).rejects.toMatchObject({
    exitCode: 2,
    where: `${join(folder, 'swapctl.decisions.ini')}, line 1`,
    message: expect.stringContaining('[nova DEFAULT never_set]'),
  })
})

test('a decision made after the copy counts as a change', async () => {
  const context = contextWith({ programs })
  const copied = async () => {
    const actions = await configStep(context, nova).run()
    return actions.flatMap((action) =>
      action.kind === 'write' && action.path.endsWith('copied-nova.json') ? [action.content] : [],
    )
  }
  const before = await copied()
  decide(['nova neutron password', 'set S3cr3t-two'])
  const after = await copied()
  expect(after).not.toEqual(before)
  expect(after.join('')).not.toContain('S3cr3t')
})

test('earlier decisions are read back, with the current files', async () => {
  writeFileSync(
    join(folder, 'config-nova.json'),
    '[{"file":"x","section":"DEFAULT","option":"debug","fate":"kept","reason":"r"}]',
  )
  const found = await askDecided(contextWith({ files: { [path]: '[DEFAULT]\ndebug = false\n' } }), nova)
  expect(found.decisions).toHaveLength(1)
  expect(found.files).toEqual([{ path, source: text, text: '[DEFAULT]\ndebug = false\n' }])
  expect(found.validator).toMatchObject([{ path, failed: 'it is not installed' }])
})

const listed = () => recordedOptions('nova', '2025.1')

test('a diff has what is set differently, by section, and no secret', () => {
  const target =
    '[database]\nconnection = mysql+pymysql://nova:S3cr3t-one@h/nova\n[DEFAULT]\n# a comment\ndebug = true\n[neutron]\npassword = S3cr3t-two\n'
  const shown = changesText(path, changesOf(`${text}[neutron]\npassword = S3cr3t-one\n`, target, listed()))
  expect(shown).toBe(
    [
      `--- source:${path}`,
      `+++ target:${path}`,
      '[DEFAULT]',
      '- rpc_backend = rabbit',
      '[database]',
      '- connection = mysql://***@192.0.2.11/nova',
      '+ connection = mysql+pymysql://***@h/nova',
      '[neutron]',
      '- password = ***',
      '+ password = ***',
    ].join('\n'),
  )
  expect(changesOf(text, text, listed())).toEqual([])
})

test('a diff shows nothing of a value that is secret by the metadata of its option', () => {
  const was = '[cache]\nbackend_argument = password:RedisPw77\n'
  const now = '[cache]\nbackend_argument = password:RedisPw88\n'
  expect(changesOf(was, now, listed())).toEqual([{ section: 'cache', key: 'backend_argument', was: '***', is: '***' }])
  expect(redact('RedisPw77 and RedisPw88')).not.toContain('RedisPw')
})

describe("the target's own validator", () => {
  // output of 9.7.1
  const stderr = [
    'WARNING:stevedore.named:Could not load oslo.db.concurrency',
    'ERROR:root:DEFAULT/my_own is not part of the sample config',
    'INFO:root:Ignoring missing option "zzz" from group "keystone_authtoken" because the group is known to have incomplete sample config data',
    'ERROR:root:my/group/odd is not part of the sample config',
    '',
  ].join('\n')
  const answering = (code: number, text: string): Host =>
    ({ name: 'target', run: async () => ({ code, stdout: '', stderr: text }) }) as unknown as Host
  const file = { path, namespaces: ['nova.conf'] }
  const kept: Decision = { file: path, section: 'default', option: 'my_own', fate: 'kept', reason: 'r' }
  const told = async (code: number, text: string, decisions: readonly Decision[] = []) =>
    validationText(await askValidator(answering(code, text), file, decisions))

  test('reports options it does not know, and whether that was decided', async () => {
    expect(await told(1, stderr, [{ ...kept, section: 'DEFAULT' }])).toBe(
      `oslo-config-validator on the target, ${path}: not in its lists: LOOK [my/group] odd, [DEFAULT] my_own (decided)`,
    )
    expect(await told(1, stderr, [kept])).toContain('LOOK [DEFAULT] my_own')
    expect(await told(1, stderr, [{ ...kept, section: 'DEFAULT', fate: 'dropped' }])).toContain('LOOK [DEFAULT] my_own')
  })

  test('no error, no program, and an unreadable file are distinguished, and no line of the file is quoted', async () => {
    expect(await told(0, '')).toMatch(/: no error$/)
    expect(await told(127, '')).toMatch(/no answer, it is not installed$/)
    const failed = await told(1, "oslo_config.cfg.ParseError: at x:1, No ':' or '=' found: 'password hunter2hunter2'")
    expect(failed).toMatch(/no answer, it exited 1 /)
    expect(failed).not.toContain('hunter2')
  })
})
