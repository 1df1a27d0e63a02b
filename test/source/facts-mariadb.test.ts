import { expect, test } from 'vitest'
import { catalog, modern, schemas, variables } from '../../src/ask/facts-mariadb.ts'

test('values with tabs, line ends and backslashes are parsed unchanged', () => {
  expect(variables.parse('init_connect\tSET a=1;\\nSET b=\\t\ndatadir\tC:\\\\data\nsql_mode\t\n')).toEqual({
    init_connect: 'SET a=1;\nSET b=\t',
    datadir: 'C:\\data',
    sql_mode: '',
  })
})

test('databases with size and number of tables', () => {
  expect(schemas.parse('nova\tutf8\tutf8_general_ci\t81920\t2\nempty\tlatin1\tlatin1_swedish_ci\t0\t0\n')).toEqual([
    { name: 'nova', charset: 'utf8', collation: 'utf8_general_ci', bytes: 81920, tables: 2 },
    { name: 'empty', charset: 'latin1', collation: 'latin1_swedish_ci', bytes: 0, tables: 0 },
  ])
})

test('the catalog keeps a URL with its template', () => {
  expect(catalog('keystone').parse('volumev3\thttp://10.0.0.1:8776/v3/%(tenant_id)s\n')).toEqual([
    { type: 'volumev3', url: 'http://10.0.0.1:8776/v3/%(tenant_id)s' },
  ])
})

test('utf8 becomes utf8mb3 in charsets and collations, and nothing else changes', () => {
  expect(['utf8', 'utf8_general_ci', 'utf8mb4_bin', 'utf8mb3_bin', 'latin1'].map(modern)).toEqual([
    'utf8mb3',
    'utf8mb3_general_ci',
    'utf8mb4_bin',
    'utf8mb3_bin',
    'latin1',
  ])
})
