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
  id: 'settings/decisions' | 'settings/defaults' | 'settings/impossible',
  text = '',
  files: Readonly<Record<string, string>> = {},
  plan: Parameters<typeof contextOf>[0] = 'keystone-glance',
) => {
  const context = contextOf(plan, machines({ source: { files }, target: {} }))
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

test.each([
  'templated',
  'keystone.catalog.backends.templated.Catalog',
  'keystone.catalog.backends.templated.TemplatedCatalog',
])('endpoints in a file are refused until they are moved or decided: %s', async (driver) => {
  const files = { '/etc/keystone/keystone.conf': `[catalog]\ndriver = ${driver}\ntemplate_file = /etc/keystone/c\n` }
  expect(await said('settings/impossible', '', files)).toEqual([
    expect.stringMatching(
      /^\[catalog\] driver of \/etc\/keystone\/keystone\.conf on the source: (drivers are named.*; )?the endpoints are in the file/,
    ),
  ])
  expect(await said('settings/impossible', entry('keystone catalog driver', 'set sql'), files)).toEqual([])
  expect(await said('settings/impossible', 'nonsense', files)).toHaveLength(1)
})

test.each([
  ['DEFAULT', 'core_plugin', 'openvswitch'],
  ['DEFAULT', 'core_plugin', 'neutron.plugins.openvswitch.ovs_neutron_plugin.OVSNeutronPluginV2'],
  ['DEFAULT', 'core_plugin', 'quantum.plugins.linuxbridge.lb_quantum_plugin.LinuxBridgePluginV2'],
  ['DEFAULT', 'core_plugin', 'neutron.plugins.hyperv.hyperv_neutron_plugin.HyperVNeutronPlugin'],
  ['DEFAULT', 'service_plugins', 'router,lbaasv2'],
])('what the target has no plugin for is refused: [%s] %s = %s', async (section, option, value) => {
  const files = { '/etc/neutron/neutron.conf': `[${section}]\n${option} = ${value}\n` }
  expect(await said('settings/impossible', '', files, 'victoria-all')).toEqual([
    expect.stringContaining(`[${section}] ${option} of /etc/neutron/neutron.conf on the source: `),
  ])
  const drop = entry(`neutron ${section} ${option}`, 'drop')
  expect(await said('settings/impossible', drop, files, 'victoria-all')).toEqual([])
})

test('what the target can do is not refused', async () => {
  const files = {
    '/etc/keystone/keystone.conf': '[catalog]\ndriver = keystone.catalog.backends.sql.Catalog\n',
    '/etc/neutron/neutron.conf':
      '[DEFAULT]\ncore_plugin = neutron.plugins.ml2.plugin.Ml2Plugin\nservice_plugins = router\n',
    '/etc/neutron/plugins/ml2/ml2_conf.ini': '[ml2]\nmechanism_drivers = openvswitch\n',
  }
  expect(await said('settings/impossible', '', files, 'victoria-all')).toEqual([])
  const bridged = { ...files, '/etc/neutron/plugins/ml2/ml2_conf.ini': '[ml2]\nmechanism_drivers = linuxbridge\n' }
  expect(await said('settings/impossible', '', bridged, 'victoria-all')).toHaveLength(1)
})
