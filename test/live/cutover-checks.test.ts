import { afterAll, beforeAll, expect, test } from 'vitest'
import { askChecks, type CheckContext } from '../../src/ask/check.ts'
import { checksBefore } from '../../src/checks/index.ts'
import { fenceOf } from '../../src/cutover/handover/fence.ts'
import { nftRules } from '../../src/cutover/handover/fence-rules.ts'
import type { Entry } from '../../src/engine/journal.ts'
import type { Host } from '../../src/hosts/host.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import { askSurvey } from '../../src/source/survey.ts'
import type { Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let boxes: Readonly<Record<'source' | 'target', Box>>
let server: Server

/** systemd's properties of one unit, because the boxes have no systemd. */
const units = (load: string, active: string, file: string): string =>
  `Id=nova-api.service\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n`
const systemd = (says: string) =>
  boxes.source.ask(
    'sh',
    '-ec',
    'mkdir -p /run/bin; printf "%s" "$0" > /run/bin/units; printf "#!/bin/sh\\ncat /run/bin/units\\n" > /run/bin/systemctl; chmod +x /run/bin/systemctl',
    says,
  )
const fence = (side: 'source' | 'target') => boxes[side].run(['nft', '-f', '-'], nftRules(fenceOf(context(), side)))

beforeAll(async () => {
  server = await startMariadb()
  net = await openNet('swapctl-chk')
  boxes = {
    source: await net.box('source', ['10.87.0.11/24', '10.87.0.10/24']),
    target: await net.box('target', ['10.87.0.12/24']),
  }
  const db = await server.db()
  await db.run('CREATE DATABASE keystone')
  await server.load(
    'keystone',
    `CREATE TABLE service (id INT, type VARCHAR(9)); INSERT INTO service VALUES (1, 'identity');
     CREATE TABLE endpoint (service_id INT, interface VARCHAR(9), url VARCHAR(99), enabled INT);
     INSERT INTO endpoint VALUES (1, 'public', 'http://10.87.0.10:5000/v3', 1)`,
  )
}, 60_000)
afterAll(async () => {
  await net?.close()
  await server?.stop()
})

const host = (name: 'source' | 'target'): Host => {
  const own = boxes[name].host(name)
  return {
    ...own,
    run: ({ argv, ...rest }) =>
      own.run({ argv: ['env', 'PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...argv], ...rest }),
    socket: () => server.host.socket(server.socket),
  }
}

const context = (entries: readonly Entry[] = []): CheckContext => ({
  config: {
    ...settings,
    addresses: [{ name: 'api', address: '10.87.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }],
    computes: [],
  },
  survey: { ...surveyed, services: [] } as Survey,
  recipes: [nova],
  recreate: false,
  claimed: true,
  entries,
  hosts: (name) => host(name as 'source' | 'target'),
})

/** Findings of the cutover's checks; address checks have their own tests. */
const found = async (entries?: readonly Entry[]): Promise<readonly string[]> => {
  const checks = checksBefore('cutover').filter(({ id }) => id.startsWith('cutover/'))
  return (await askChecks(checks, context(entries))).map(({ id, level, says }) => `${level} ${id}: ${says}`)
}

/** A minimal API: its 404 counts as an answer. */
const http = `import http.server
http.server.ThreadingHTTPServer(('10.87.0.10', 5000), http.server.SimpleHTTPRequestHandler).serve_forever()`

test('before the cutover: no finding for the state after migration, and one for each fault', async () => {
  const { source, target } = boxes
  await target.ask('ip', 'addr', 'add', '10.87.0.10/32', 'dev', 'lo')
  await target.ask('sysctl', '-q', '-w', 'net.ipv4.conf.all.arp_ignore=1')
  target.start('python3', '-c', http)
  await systemd(units('masked', 'inactive', 'masked'))
  await fence('source')
  await fence('target')
  await expect.poll(() => found(), { timeout: 20_000 }).toEqual([])

  await systemd(units('loaded', 'active', 'enabled'))
  expect(await found()).toEqual([
    'block cutover/units: source: running again: nova-api',
    'block cutover/units: source: would start at boot: nova-api',
  ])
  await systemd(units('masked', 'inactive', 'masked'))

  await source.ask('nft', 'delete', 'table', 'inet', 'swapctl_fence')
  expect(await found()).toEqual(['block cutover/fence: source: the fence is down'])
  await fence('source')

  await server.load('keystone', "UPDATE endpoint SET url = 'http://10.87.0.10:5001/v3'")
  expect(await found()).toEqual([
    expect.stringMatching(/^block cutover\/answers: target: http:\/\/10\.87\.0\.10:5001\/v3: /),
  ])
  await server.load('keystone', "UPDATE endpoint SET url = 'http://10.87.0.10:5000/v3'")

  const stranger = await net.box('stranger', ['10.87.0.13/24', '10.87.0.10/24'])
  expect(await found()).toEqual([expect.stringMatching(/^block cutover\/place: 10\.87\.0\.10 is also claimed by /)])
  await stranger.ask('ip', 'addr', 'del', '10.87.0.10/24', 'dev', 'eth0')

  await source.ask('ip', 'addr', 'del', '10.87.0.10/24', 'dev', 'eth0')
  expect(await found()).toEqual(['block cutover/place: source: 10.87.0.10 is not on eth0'])
  await source.ask('ip', 'addr', 'add', '10.87.0.10/24', 'dev', 'eth0')

  const early: Entry = {
    event: 'begun',
    at: '2026-11-21T00:09:00Z',
    step: 'nova/import-nova',
    phase: 'migrate',
    title: 'Import nova',
    machines: [],
    undo: [],
  }
  expect(await found([early])).toEqual([
    expect.stringMatching(/^block cutover\/freshness: nova\/import-nova read the source at/),
  ])
  expect(await found()).toEqual([])
})

test('every check of the cutover is seen failing here', () => {
  const seen = ['cutover/freshness', 'cutover/place', 'cutover/units', 'cutover/answers', 'cutover/fence']
  const own = checksBefore('cutover').filter(({ id }) => id.startsWith('cutover/'))
  expect(own.map(({ id }) => id)).toEqual(seen)
})

test('before migrate: a target of another swap, or a machine other than at prepare, is a finding', async () => {
  const { target } = boxes
  await target.ask(
    'sh',
    '-ec',
    'mkdir -p /run/up /run/work; mount -t overlay overlay -o lowerdir=/var/lib,upperdir=/run/up,workdir=/run/work /var/lib',
  )
  const own = (swap: string, source: string) =>
    target.ask(
      'sh',
      '-ec',
      'mkdir -p /var/lib/swapctl; printf "%s" "$0" > /var/lib/swapctl/owner.json',
      JSON.stringify({ swap, source }),
    )
  for (const box of [boxes.source, target])
    await box.ask(
      'sh',
      '-ec',
      'mkdir -p /run/bin; printf "#!/bin/sh\\n" > /run/bin/systemctl; chmod +x /run/bin/systemctl',
    )
  const checks = checksBefore('migrate').filter(({ id }) => id === 'survey/changed')
  const survey = await askSurvey(settings, context().hosts, [nova])
  const look = async (before: Survey) =>
    (await askChecks(checks, { ...context(), survey: before })).map(({ level, says }) => `${level}: ${says}`)
  await own(settings.name, survey.source.hostname)
  expect(await look(survey)).toEqual([])
  const renamed = { ...survey, source: { ...survey.source, hostname: 'before' } }
  expect(await look(renamed)).toEqual([`block: the source was before and is ${survey.source.hostname}`])
  await own('other', survey.source.hostname)
  expect(await look(survey)).toEqual(["block: the target belongs to the swap 'other'"])
})
