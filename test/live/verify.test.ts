import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Options, preparedContext, withSession } from '../../src/commands/session.ts'
import { execute } from '../../src/engine/run.ts'
import type { SwapError } from '../../src/errors.ts'
import { program } from '../../src/program.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { importSteps } from '../../src/transfer/import.ts'
import { contentSteps } from '../../src/verify/content-step.ts'
import { type Sshd, startSshd } from './machines.ts'
import { type Server, startMariadb } from './mariadb.ts'

let servers: readonly [Server, Server]
let doors: readonly [Sshd, Sshd]
let directory: string
let options: Options

const database = { name: 'keystone', charset: 'utf8mb4', collation: 'utf8mb4_general_ci', bytes: 10_000 }

const schema = `CREATE TABLE user (id VARCHAR(64) PRIMARY KEY, extra TEXT); CREATE TABLE project (id INT PRIMARY KEY);
  INSERT INTO user SELECT MD5(seq), seq FROM seq_1_to_100; INSERT INTO project VALUES (1)`

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verify-'))
  servers = await Promise.all([startMariadb(), startMariadb()])
  // Each machine's settings name its server's socket.
  for (const { directory: home, socket } of servers)
    await writeFile(join(home, '.my.cnf'), `[mysqld]\nsocket=${socket}\n[client]\nsocket=${socket}\n`)
  const door = ({ directory: home }: Server) => startSshd({ environment: { HOME: home } })
  doors = [await door(servers[0]), await door(servers[1])]
  for (const server of servers) {
    await (await server.db()).run('CREATE DATABASE keystone CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    await server.load('keystone', schema)
  }
  const machine = ({ machine: { host, port, key, hostKey } }: Sshd): string =>
    `host = ${host}\nport = ${port}\nkey = ${key}\nhost_key = ${hostKey}\n`
  options = { config: join(directory, 'swapctl.ini') }
  await writeFile(
    options.config,
    `[swap]\nname = test\nrelease = epoxy\n[source]\n${machine(doors[0])}[target]\n${machine(doors[1])}[address api]\naddress = 10.77.62.10/24\nsource_interface = eth0\ntarget_interface = eth0\n`,
  )
  const survey = { version: 1, services: [{ name: 'keystone', databases: [database] }] }
  await withSession('plan', options, async ({ config }) => {
    await mkdir(config.state)
    await writeFile(join(config.state, 'survey.json'), JSON.stringify(survey))
  })
})
afterAll(async () => {
  await Promise.all([...(servers ?? []), ...(doors ?? [])].map((one) => one.stop()))
  await rm(directory, { recursive: true, force: true })
})
afterEach(() => {
  process.exitCode = undefined
})

/** The output, and the exit code that the command sets. */
const verify = async (...words: readonly string[]): Promise<{ readonly text: string; readonly code: number }> => {
  const said: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  try {
    await program.parseAsync(['node', 'swapctl', '-c', options.config, 'verify', ...words])
  } finally {
    write.mockRestore()
  }
  return { text: said.join(''), code: Number(process.exitCode ?? 0) }
}

const compare = (): Promise<void> =>
  withSession('migrate', options, async (session) =>
    execute(contentSteps(await preparedContext(session), keystone), session.engine),
  )

test('what cannot be asked yet says so, and is no failure', async () => {
  const { text, code } = await verify()
  expect(text).toContain(
    "· content      every copied row equals the source's row: not yet\n    not done yet: keystone/content-keystone",
  )
  expect(text).toContain('· source       the source is unchanged since the freeze: not yet')
  expect(text).toMatch(/\nNo differences; \d not possible yet\n$/)
  expect(code).toBe(0)
})

test('a differing copy stops the migration, and verify names it with a command to look at it', async () => {
  await servers[1].load('keystone', "UPDATE user SET extra = 'x' WHERE extra = '7'; DELETE FROM project")
  const error = (await compare().catch((reason: unknown) => reason)) as SwapError
  expect(error.message).toContain('the copy on the target differs from the source')
  expect(error.message).toContain(
    'keystone.project: in the table: 1 rows on the source, 0 on the target; `id` = 1 is missing',
  )
  const { text, code } = await verify('--service', 'keystone')
  expect(text).toContain('✖ content ')
  expect(text).toContain(
    "SELECT * FROM `keystone`.`user` WHERE `id` = '8f14e45fceea167a5a36dedd4bea2543'; on both sides",
  )
  expect(text).toMatch(/\n2 differences; \d not possible yet\n$/)
  expect(code).toBe(1)
})

test('--json prints one document', async () => {
  const { text, code } = await verify('--json')
  const { parts } = JSON.parse(text)
  expect(parts[0]).toMatchObject({ part: 'content', state: 'different', services: ['keystone'], why: [] })
  expect(parts[0].differences.map((one: { where: string }) => one.where).sort()).toEqual([
    'keystone.project',
    'keystone.user',
  ])
  expect(code).toBe(1)
  // All commands share one program: the next one must not inherit --json.
  program.setOptionValue('json', undefined)
})

test('an equal copy is reported with what was compared; the result is readable by the operator only', async () => {
  await servers[1].load('keystone', "UPDATE user SET extra = '7' WHERE extra = 'x'; INSERT INTO project VALUES (1)")
  await compare()
  const { text, code } = await verify()
  expect(text).toMatch(/✔ content .*: equal .*\(keystone\)\n {4}keystone at \S+: 2 tables, 101 rows in \d/)
  expect(code).toBe(0)
  const folder = join(directory, 'swap-state', 'content')
  expect(await readdir(folder)).toEqual(['keystone.json'])
  expect((await stat(join(folder, 'keystone.json'))).mode & 0o777).toBe(0o600)
})

test('a differing copy is replaced when the command is run again', async () => {
  const migrate = () =>
    withSession('migrate', options, async (session) => {
      const context = await preparedContext(session)
      const imports = importSteps(context, keystone, [])
      await execute([...imports, ...contentSteps(context, keystone)], session.engine)
      return session.journal.entries.filter((entry) => entry.event === 'begun' && /import/.test(entry.step)).length
    })
  // Here the copy was compared before the import, so both must run.
  await withSession('migrate', options, ({ journal }) =>
    journal.append({ event: 'undone', step: 'keystone/content-keystone' }),
  )
  expect(await migrate()).toBe(1)
  await servers[1].load('keystone', "UPDATE user SET extra = 'spoilt' WHERE extra = '7'")
  await withSession('migrate', options, ({ journal }) =>
    journal.append({ event: 'undone', step: 'keystone/content-keystone' }),
  )
  await expect(migrate()).rejects.toThrow('the copy on the target differs from the source')
  expect(await migrate()).toBe(2)
  expect((await verify()).code).toBe(0)
})

test('a service that is unknown, or not on the source, is refused', async () => {
  for (const name of ['swift', 'nova']) {
    const error = (await verify('--service', name).catch((reason: unknown) => reason)) as SwapError
    expect(error.exitCode).toBe(2)
  }
})
