import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askEndpointAddresses } from '../../src/commands/init-endpoints.ts'
import type { Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { type Mariadb, startMariadb } from './machines.ts'

let mariadb: Mariadb
/** This machine, whose client finds the test's server. */
const at = (socket: string): Host => {
  const local = localHost()
  return {
    ...local,
    run: (command) => {
      const [program, ...words] = command.argv
      const argv =
        program === 'mysql' ? (['mysql', '--no-defaults', `--socket=${socket}`, ...words] as const) : command.argv
      return local.run({ ...command, argv })
    },
  }
}

beforeAll(async () => {
  mariadb = await startMariadb()
  const sql = `CREATE DATABASE keystone; CREATE TABLE keystone.endpoint (url TEXT);
    INSERT INTO keystone.endpoint VALUES ('http://10.0.0.10:5000/v3'), ('http://[FD00::10]:5000'),
    ('http://localhost:8774/v2.1'), ('http://api.invalid:9292'), ('http://$(host)s:1');`
  execFileSync('mariadb', ['--no-defaults', `--socket=${mariadb.socket}`], { input: sql })
})
afterAll(() => mariadb?.stop())

test('endpoints by address and by name become addresses; anything else is named', async () => {
  const { addresses, untold } = await askEndpointAddresses(at(mariadb.socket))
  expect(addresses).toEqual(expect.arrayContaining(['10.0.0.10', 'fd00::10']))
  expect(addresses.some((one) => one === '127.0.0.1' || one === '::1')).toBe(true)
  expect(untold).toEqual([
    'endpoint http://$(host)s:1 names no host',
    'endpoints name api.invalid, which the source cannot resolve',
  ])
})

test('a database that does not answer is not one without endpoints', async () => {
  const { addresses, untold } = await askEndpointAddresses(at(`${mariadb.socket}.gone`))
  expect(addresses).toEqual([])
  expect(untold).toEqual([expect.stringMatching(/^cannot read the endpoints .*ERROR 2002.*\(exit 1\)$/)])
})
