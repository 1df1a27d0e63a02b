import { expect, test } from 'vitest'
import { type Account, patternMeans } from '../../src/transfer/accounts.ts'
import { grantRemarks, grantStatements } from '../../src/transfer/grants.ts'

test.each([
  ['nova', 'nova', true],
  ['nova', 'nova_api', false],
  ['nova%', 'nova_api', true],
  ['nova\\_api', 'nova_api', true],
  ['nova\\_api', 'novaxapi', false],
  ['nova_api', 'novaxapi', true],
  ['%', 'heat', true],
  ['a.c', 'abc', false],
  ['no\\%va', 'no%va', true],
  ['(', '(', true],
])('%s means %s: %s', (pattern, database, means) => expect(patternMeans(pattern, database)).toBe(means))

const hash = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'
const account = (changes: Partial<Account> = {}): Account => ({
  user: 'nova',
  host: '%',
  plugin: 'mysql_native_password',
  hash,
  tls: '',
  maxUserConnections: 0,
  locked: false,
  grants: [{ pattern: 'nova', privileges: ['ALL PRIVILEGES'], grantOption: false }],
  left: [],
  ...changes,
})

test('an account as statements', () =>
  expect(grantStatements([account()])).toEqual([
    "SET SESSION sql_mode = ''",
    `CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY PASSWORD '${hash}' REQUIRE NONE WITH MAX_USER_CONNECTIONS 0`,
    `ALTER USER 'nova'@'%' IDENTIFIED BY PASSWORD '${hash}' REQUIRE NONE WITH MAX_USER_CONNECTIONS 0`,
    "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'nova'@'%'",
    "GRANT ALL PRIVILEGES ON `nova`.* TO 'nova'@'%'",
  ]))

test('a name that tries to end its quotes does not', () =>
  expect(grantStatements([account({ user: "a'; DROP USER root; -- \\" })])[1]).toMatch(
    /^CREATE USER IF NOT EXISTS 'a''; DROP USER root; -- \\\\'@'%' /,
  ))

test.each([
  ['caching_sha2_password', '$A$005$abc', 'its password is stored for caching_sha2_password, which MariaDB cannot use'],
  ['mysql_old_password', '5d2e19393cc5ef67', 'its password is stored for mysql_old_password, which MariaDB cannot use'],
  ['mysql_native_password', "*x' OR", 'its password is stored for mysql_native_password, which MariaDB cannot use'],
  ['mysql_native_password', '', 'it has no password'],
  ['pam', '', 'it logs in through pam'],
])('a login through %s with %s is reported and nothing is run', (plugin, stored, why) => {
  const one = account({ plugin, hash: stored })
  expect(grantStatements([one])).toEqual([])
  expect(grantRemarks([one])).toEqual([`nova@% is not copied: ${why}; create it on the target by hand`])
})
