import { expect, test } from 'vitest'
import { addressArgs, addressMap } from '../../src/fixups/address-map.ts'
import { cellMappings, databaseHosts, rewriteUrl, transportHosts } from '../../src/fixups/cell-mappings.ts'
import { cellHosts, cellsLeadTo } from '../../src/fixups/cells-lead-to.ts'

const args = addressArgs([
  { source: '10.20.0.11', target: '10.20.0.12' },
  { source: 'fd00::1', target: 'fd00::2' },
])
const map = addressMap(args)

test.each([
  ['rabbit://nova:p%40s%2Fs@10.20.0.11:5672/', 'rabbit://nova:p%40s%2Fs@10.20.0.12:5672/'],
  [
    'rabbit://u:10.20.0.11@10.20.0.11:5672,u:p@10.20.0.13:5672,u:p@[fd00::1]:5672/v?ssl=0',
    'rabbit://u:10.20.0.11@10.20.0.12:5672,u:p@10.20.0.13:5672,u:p@[fd00::2]:5672/v?ssl=0',
  ],
  ['rabbit://10.20.0.11', 'rabbit://10.20.0.12'],
  ['rabbit://u:p@w@10.20.0.11/', 'rabbit://u:p@w@10.20.0.12/'],
  ['rabbit://u:p@10.20.0.13/a,10.20.0.11', 'rabbit://u:p@10.20.0.13/a,10.20.0.11'],
  ['rabbit://u:p@10.20.0.110:5672//10.20.0.11', 'rabbit://u:p@10.20.0.110:5672//10.20.0.11'],
  [
    '{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}',
    '{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}',
  ],
  ['none:///', 'none:///'],
])('transport_url %s', (before, after) => expect(rewriteUrl(before, transportHosts(before), map)).toBe(after))

test.each([
  [
    'mysql+pymysql://nova:p%23;%25w@10.20.0.11/nova?charset=utf8',
    'mysql+pymysql://nova:p%23;%25w@10.20.0.12/nova?charset=utf8',
  ],
  ['mysql://nova:p@10.20.0.11/w@10.20.0.11:3306/nova_cell0', 'mysql://nova:p@10.20.0.11/w@10.20.0.12:3306/nova_cell0'],
  ['mysql+pymysql://nova:pw@[fd00:0::1]:3306/nova', 'mysql+pymysql://nova:pw@[fd00::2]:3306/nova'],
  [
    'mysql+pymysql://nova:pw@/nova?unix_socket=/run/10.20.0.11',
    'mysql+pymysql://nova:pw@/nova?unix_socket=/run/10.20.0.11',
  ],
  [
    '{scheme}://{username}:{password}@10.20.0.11:{port}/nova?{query}',
    '{scheme}://{username}:{password}@10.20.0.12:{port}/nova?{query}',
  ],
])('database_connection %s', (before, after) => expect(rewriteUrl(before, databaseHosts(before), map)).toBe(after))

test('both columns of a row; a row that needs nothing is the same object', () => {
  const rule = cellMappings.tables[0]
  expect(
    rule?.rewrite(
      { id: 1, transport_url: 'rabbit://10.20.0.11', database_connection: 'mysql://10.20.0.11/nova' },
      args,
    ),
  ).toEqual({
    id: 1,
    transport_url: 'rabbit://10.20.0.12',
    database_connection: 'mysql://10.20.0.12/nova',
  })
  const row = { id: 2, transport_url: null, database_connection: 'mysql://10.20.0.13/nova' }
  expect(rule?.rewrite(row, args)).toBe(row)
})

const cell = (transport_url: string | null, database_connection: string | null) => [
  { uuid: 'u1', name: 'cell1', transport_url, database_connection },
]
const good = 'mysql+pymysql://nova:pw@10.20.0.10/nova'
const addresses = ['10.20.0.12', '10.20.0.10', 'fd00::2']

test.each([
  ['rabbit://u:p@10.20.0.10:5672/', good],
  ['none:///', good],
  ['rabbit://u:p@127.0.0.1,u:p@[FD00:0::2]:5672/', 'mysql://nova:pw@/nova?unix_socket=/run/x'],
  ['rabbit://u:p@localhost', good],
])('leads to the target: %s, %s', (transport, database) =>
  expect(cellsLeadTo(cell(transport, database), { addresses })).toEqual([]),
)

test.each([
  ['rabbit://u:secret@10.20.0.11:5672/', good, ['cell cell1, transport_url: leads to 10.20.0.11']],
  ['rabbit://u:p@10.20.0.10,u:p@10.20.0.11/', good, ['cell cell1, transport_url: leads to 10.20.0.11']],
  ['none:///', 'mysql://nova:p@10.20.0.10@10.20.0.11/nova', ['cell cell1, database_connection: leads to 10.20.0.11']],
  ['none:///', 'mysql://nova:pw@ctl1/nova', ['cell cell1, database_connection: leads to ctl1']],
  ['', null, ['cell cell1, transport_url: empty', 'cell cell1, database_connection: empty']],
  ['rabbit//x', good, ['cell cell1, transport_url: not a URL']],
  [
    '{scheme}://{username}:{password}@{hostname}:{port}/',
    good,
    ['cell cell1, transport_url: a template, and the settings that fill it in are not known'],
  ],
])('does not lead there: %s, %s', (transport, database, says) =>
  expect(cellsLeadTo(cell(transport, database), { addresses })).toEqual(says),
)

test('names are believed as the target resolves them', () => {
  const rows = cell('none:///', 'mysql://nova:pw@ctl1/nova')
  expect(cellHosts(rows)).toEqual(['ctl1'])
  expect(cellsLeadTo(rows, { addresses, resolved: { ctl1: ['10.20.0.10'] } })).toEqual([])
  expect(cellsLeadTo(rows, { addresses, resolved: { ctl1: ['10.20.0.10', '10.20.0.11'] } })).toHaveLength(1)
  expect(cellsLeadTo(rows, { addresses, resolved: { ctl1: [] } })).toHaveLength(1)
})

test('a template leads where the settings lead', () => {
  const rows = cell('{scheme}://{username}:{password}@{hostname}:{port}/', '{scheme}://{hostname}/nova')
  const to = (host: string) => ({
    transport_url: `rabbit://u:p@${host}/`,
    database_connection: `mysql://nova:p@${host}/nova`,
  })
  expect(cellsLeadTo(rows, { addresses, settings: to('10.20.0.10') })).toEqual([])
  expect(cellsLeadTo(rows, { addresses, settings: to('10.20.0.11') })).toHaveLength(2)
})

test('no mappings at all is not a cloud that leads to the target', () =>
  expect(cellsLeadTo([], { addresses })).toHaveLength(1))
