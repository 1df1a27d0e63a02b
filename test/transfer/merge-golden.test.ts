import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { addressMap } from '../../src/transfer/addresses.ts'
import type { Decision } from '../../src/transfer/decision.ts'
import { mergeConfig } from '../../src/transfer/merge.ts'
import type { Extra } from '../../src/transfer/needs.ts'
import { knownOptions } from '../../src/transfer/options.ts'
import { get, getAll, parse } from '../../src/transfer/oslo-conf.ts'

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/config/${name}`, import.meta.url), 'utf8')

const map = addressMap(
  {
    file: 'swapctl.ini',
    addresses: [{ name: 'api', address: '10.20.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }],
    counterparts: [
      { source: '10.20.0.11', target: '10.20.0.12' },
      { source: '10.30.0.11', target: '10.30.0.12' },
    ],
  },
  ['10.20.0.11', '10.20.0.10', '10.30.0.11', '10.40.0.11', '127.0.0.1'],
)

const extra: Readonly<Record<string, readonly Extra[]>> = {
  nova: [
    { section: 'upgrade_levels', option: 'compute', value: 'auto', reason: 'old computes stay' },
    {
      section: 'workarounds',
      option: 'disable_compute_service_check_for_ffu',
      value: 'true',
      reason: 'old computes stay',
    },
  ],
}

const merge = (project: string, target = fixture(`target/${project}.conf`)) =>
  mergeConfig({
    path: `/etc/${project}/${project}.conf`,
    project,
    source: fixture(`source/${project}.conf`),
    target,
    options: knownOptions(JSON.parse(fixture(`options/${project}.json`))),
    map,
    release: 'epoxy',
    extra: extra[project] ?? [],
  })

const line = (it: Decision): string =>
  `${it.look ? '!' : ' '} ${it.fate.padEnd(16)} [${it.section}] ${it.option}: ${it.from ?? ''} -> ${it.to ?? ''} (${it.reason})`

describe.each(['nova', 'cinder', 'barbican'])('%s of Victoria for Epoxy', (project) => {
  test('the file and every decision are as reviewed', async () => {
    const { text, decisions } = merge(project)
    await expect(text).toMatchFileSnapshot(`../fixtures/config/merged/${project}.conf`)
    await expect(`${decisions.map(line).join('\n')}\n`).toMatchFileSnapshot(`../fixtures/config/merged/${project}.txt`)
  })

  test('the same input gives the same text', () => expect(merge(project).text).toBe(merge(project).text))

  test('no decision shows a secret', () => {
    const secrets = /hunter2|n0va|%23|rab%20|%40der|nder\$|sec;ret|tron%|neu\\|:x@|MTIz/
    expect(fixture(`source/${project}.conf`)).toMatch(secrets)
    expect(JSON.stringify(merge(project).decisions)).not.toMatch(secrets)
  })

  test('without a packaged file the options are the same', () => {
    const bare = parse(merge(project, '').text)
    const file = parse(merge(project).text)
    for (const [section, name] of [
      ['DEFAULT', 'transport_url'],
      ['database', 'connection'],
      ['keystone_authtoken', 'password'],
    ] as const)
      expect(get(bare, section, name)).toBe(get(file, section, name))
  })
})

test('passwords reach the target unchanged, whatever characters they contain', () => {
  const nova = parse(merge('nova').text)
  const source = parse(fixture('source/nova.conf'))
  for (const [section, name] of [
    ['keystone_authtoken', 'password'],
    ['neutron', 'password'],
    ['neutron', 'metadata_proxy_shared_secret'],
    ['api_database', 'connection'],
  ] as const)
    expect(get(nova, section, name)).toBe(get(source, section, name))
  expect(get(nova, 'service_user', 'password')).toBe(get(source, 'keystone_authtoken', 'password'))
  expect(getAll(nova, 'pci', 'alias')).toEqual(getAll(source, 'pci', 'alias'))
})

test("what the projects' keys are encrypted with reaches barbican of the target, and so does its database", () => {
  const barbican = parse(merge('barbican').text)
  const source = parse(fixture('source/barbican.conf'))
  expect(getAll(barbican, 'simple_crypto_plugin', 'kek')).toEqual(getAll(source, 'simple_crypto_plugin', 'kek'))
  expect(get(barbican, 'database', 'connection')).toContain('hunter2')
  expect(get(barbican, 'DEFAULT', 'sql_connection')).toBeUndefined()
})
