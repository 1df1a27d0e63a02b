import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askChecks, type CheckContext } from '../../src/ask/check.ts'
import { variables } from '../../src/ask/facts-mariadb.ts'
import { ask } from '../../src/ask/question.ts'
import { serverChecks } from '../../src/checks/servers.ts'
import { tableChecks } from '../../src/checks/tables.ts'
import type { Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import type { Member, Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let home: string
const boxes: Box[] = []
const addresses = ['10.77.72.11', '10.77.72.12'] as const

/** A node of the cluster, on a private network. No state transfer: both are empty. */
const startNode = async (index: 0 | 1): Promise<void> => {
  const box = await net.box(`node${index}`, [`${addresses[index]}/24`])
  boxes.push(box)
  const own = join(home, `node${index}`)
  await box.ask(
    'sh',
    '-ec',
    `mkdir -p "$1" && mariadb-install-db --no-defaults --user=root --skip-test-db --auth-root-authentication-method=socket --datadir="$1/data" >/dev/null
     printf '[client]\\nsocket=%s\\n' "$1/s" > "$1/.my.cnf"`,
    'node',
    own,
  )
  for (let tries = 1; !(await joined(index, own)); tries += 1)
    if (tries === 25) throw new Error(`node ${index} does not start: ${await readFile(`${own}/log`, 'utf8')}`)
}

/**
 * Starts the server and waits until it has joined the cluster. false: on some kernels Galera asks for a thread's
 * priority before it exists, and the server ends.
 */
const joined = async (index: 0 | 1, own: string): Promise<boolean> => {
  const { ended } = (boxes[index] as Box).start(
    'sh',
    '-c',
    'exec "$@" >"$0/log" 2>&1',
    own,
    'mariadbd',
    '--no-defaults',
    '--user=root',
    `--datadir=${own}/data`,
    `--socket=${own}/s`,
    `--pid-file=${own}/pid`,
    `--tmpdir=${own}`,
    `--bind-address=${addresses[index]}`,
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
    '--innodb-flush-log-at-trx-commit=0',
    '--wsrep-on=ON',
    '--wsrep-provider=/usr/lib/galera/libgalera_smm.so',
    '--wsrep-provider-options=gcache.size=8M',
    '--wsrep-cluster-name=swapctl',
    `--wsrep-cluster-address=gcomm://${index === 0 ? '' : addresses[0]}`,
    `--wsrep-node-address=${addresses[index]}`,
    '--wsrep-sst-method=skip',
  )
  let over = false
  void ended.then(() => {
    over = true
  })
  while (!over) {
    if (await isIn(index)) return true
    await new Promise((wake) => setTimeout(wake, 250))
  }
  return false
}

/** The first is ready when synced with itself; the second once the first counts it. */
const isIn = async (index: 0 | 1): Promise<boolean> =>
  index === 0
    ? (await status(0, 'wsrep_local_state_comment')) === 'Synced'
    : (await status(0, 'wsrep_cluster_size')) === '2'

const status = async (index: 0 | 1, name: string): Promise<string> => {
  const socket = join(home, `node${index}`, 's')
  const asked = await boxes[index]?.run([
    'mariadb',
    '--no-defaults',
    `--socket=${socket}`,
    '-BNe',
    `SHOW STATUS LIKE '${name}'`,
  ])
  return asked?.stdout.trim().split('\t')[1] ?? ''
}

const hostOf = (index: 0 | 1): Host => ({
  ...(boxes[index] as Box).host('source'),
  socket: () => localHost().socket(join(home, `node${index}`, 's')),
})

const find = async (id: string, more: Partial<CheckContext> = {}): Promise<readonly string[]> => {
  const host = hostOf(0)
  const mariadb = await ask({ ...host, run: (one) => host.run({ ...one, argv: withHome(one.argv) }) }, variables)
  const context = {
    config: settings,
    survey: {
      ...surveyed,
      source: { ...surveyed.source, mariadb },
      services: [{ name: 'nova', databases: [{ name: 'cloud', repo: 'nova' }] }],
    } as unknown as Survey,
    recipes: [],
    recreate: false,
    claimed: false,
    hosts: (name) => (name === 'source:ctl2' ? hostOf(1) : host),
    ...more,
  } as CheckContext
  const check = [...serverChecks, ...tableChecks].find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await askChecks([check], context)).map((one) => `${one.level}: ${one.says}`)
}

const withHome = (argv: readonly string[]) =>
  ['env', `HOME=${join(home, 'node0')}`, ...argv] as unknown as readonly [string, ...string[]]

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'swapctl-galera-'))
  net = await openNet('swapgal')
  await startNode(0)
})
afterAll(async () => {
  await net?.close()
  await rm(home, { recursive: true, force: true })
})

test('database/primary-keys: a table without one, on a node of a real cluster', async () => {
  const load = (sql: string) =>
    boxes[0]?.ask('mariadb', '--no-defaults', `--socket=${join(home, 'node0', 's')}`, '-e', sql)
  await load('CREATE DATABASE cloud; CREATE TABLE cloud.a (id INT PRIMARY KEY)')
  expect(await find('database/primary-keys')).toEqual([])
  await load('CREATE TABLE cloud.b (id INT)')
  expect(await find('database/primary-keys')).toEqual([expect.stringMatching(/^warn: .*: cloud\.b$/)])
})

test('mariadb/cluster: a single node is not a cluster; with a second one it is one of two', async () => {
  expect(await find('mariadb/cluster')).toEqual([])
  await startNode(1)
  expect(await find('mariadb/cluster')).toEqual([
    expect.stringMatching(/^block: source: its cluster has 2 members .*, the settings list 1$/),
  ])
})

/** The settings name both nodes. */
const both = (): Partial<CheckContext> => {
  const [machine] = settings.source.machines
  const member = (number: 1 | 2): Member => ({
    name: `source:ctl${number}`,
    side: surveyed.source,
    running: [],
    trees: {},
    clients: 0,
  })
  return {
    config: {
      ...settings,
      source: {
        ...settings.source,
        machines: [
          { ...machine, name: 'ctl1' },
          { ...machine, name: 'ctl2' },
        ],
      },
    },
    survey: {
      ...surveyed,
      members: [member(1), member(2)],
      services: [{ name: 'nova', databases: [{ name: 'cloud', repo: 'nova' }] }],
    } as unknown as Survey,
  }
}

test("mariadb/cluster: a second node from the settings is known, but does not have the first one's state", async () => {
  // Without a state transfer it is Joining for ever, or Synced with its own state.
  const found = await find('mariadb/cluster', both())
  expect(found.filter((one) => one.includes('the settings name 1'))).toEqual([])
  expect(found.at(-1)).toBe('block: source:ctl2: is in another cluster than source:ctl1')
})
