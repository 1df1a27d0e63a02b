import { expect, test } from 'vitest'
import { cellMappings } from '../../src/fixups/cell-mappings.ts'
import { fillTemplate } from '../../src/fixups/cell-template.ts'
import { cellHosts, cellsLeadTo, unreadableCells } from '../../src/fixups/cells-lead-to.ts'
import { addressArgs } from '../../src/rewrite/address-map.ts'

const args = addressArgs([
  { source: '10.20.0.11', target: '10.20.0.12' },
  { source: 'fd00::1', target: 'fd00::2' },
])
const rule = cellMappings.tables[0]
const mapped = (column: 'transport_url' | 'database_connection', url: string) =>
  rule?.rewrite({ id: 1, [column]: url }, args)?.[column]

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
])('transport_url %s', (before, after) => expect(mapped('transport_url', before)).toBe(after))

test.each([
  [
    'mysql+pymysql://nova:p%23;%25w@10.20.0.11/nova?charset=utf8',
    'mysql+pymysql://nova:p%23;%25w@10.20.0.12/nova?charset=utf8',
  ],
  [
    'mysql://nova:p@10.20.0.11/w@10.20.0.11:3306/nova_cell0',
    'mysql://nova:p%4010.20.0.11/w@10.20.0.12:3306/nova_cell0',
  ],
  ['mysql+pymysql://nova:s3cr@t@10.20.0.11/nova', 'mysql+pymysql://nova:s3cr%40t@10.20.0.12/nova'],
  ['mysql+pymysql://nova:s3cr@t@db/nova', 'mysql+pymysql://nova:s3cr%40t@db/nova'],
  ['mysql+pymysql://nova:s3cr?t#1@10.20.0.11/nova_cell0', 'mysql+pymysql://nova:s3cr?t#1@10.20.0.12/nova_cell0'],
  ['mysql+pymysql://nova:a/b:c%w@10.20.0.11/nova?a=b', 'mysql+pymysql://nova:a/b:c%w@10.20.0.12/nova?a=b'],
  [
    'mysql+pymysql://nova:pw@10.20.0.11/nova?ssl_ca=/etc/me@here.pem',
    'mysql+pymysql://nova:pw@10.20.0.12/nova?ssl_ca=/etc/me%40here.pem',
  ],
  ['mysql://nova:p@x@/nova?unix_socket=/run/x', 'mysql://nova:p%40x@/nova?unix_socket=/run/x'],
  ['mysql+pymysql://nova:pw@[fd00:0::1]:3306/nova', 'mysql+pymysql://nova:pw@[fd00::2]:3306/nova'],
  [
    'mysql+pymysql://nova:pw@/nova?unix_socket=/run/10.20.0.11',
    'mysql+pymysql://nova:pw@/nova?unix_socket=/run/10.20.0.11',
  ],
  [
    '{scheme}://{username}:{password}@10.20.0.11:{port}/nova?{query}',
    '{scheme}://{username}:{password}@10.20.0.12:{port}/nova?{query}',
  ],
])('database_connection %s', (before, after) => expect(mapped('database_connection', before)).toBe(after))

test('both columns of a row are rewritten; an unchanged row is the same object', () => {
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
  ['rabbit://u:secret@10.20.0.11:5672/', good, ['cell cell1, transport_url: points to 10.20.0.11']],
  ['rabbit://u:p@10.20.0.10,u:p@10.20.0.11/', good, ['cell cell1, transport_url: points to 10.20.0.11']],
  ['none:///', 'mysql://nova:p@10.20.0.10@10.20.0.11/nova', ['cell cell1, database_connection: points to 10.20.0.11']],
  ['none:///', 'mysql://nova:pw@ctl1/nova', ['cell cell1, database_connection: points to ctl1']],
  ['', null, ['cell cell1, transport_url: empty', 'cell cell1, database_connection: empty']],
  ['rabbit//x', good, ['cell cell1, transport_url: not a URL']],
  [
    '{scheme}://{username}:{password}@{hostname}:{port}/',
    good,
    [
      'cell cell1, transport_url: a template with {scheme}, {username}, {password}, {hostname}, {port}, which nova.conf does not define',
    ],
  ],
])('does not lead there: %s, %s', (transport, database, says) =>
  expect(cellsLeadTo(cell(transport, database), { addresses })).toEqual(says),
)

test('host names count as the target resolves them', () => {
  const rows = cell('none:///', 'mysql://nova:pw@ctl1/nova')
  expect(cellHosts(rows)).toEqual(['ctl1'])
  expect(cellsLeadTo(rows, { addresses, resolved: { ctl1: ['10.20.0.10'] } })).toEqual([])
  expect(cellsLeadTo(rows, { addresses, resolved: { ctl1: ['10.20.0.10', '10.20.0.11'] } })).toHaveLength(1)
  expect(cellsLeadTo(rows, { addresses, resolved: { ctl1: [] } })).toHaveLength(1)
})

test('the machine itself is always allowed, and only names need resolving', () => {
  const hosts = [
    '[::1]',
    '127.0.0.1',
    '127.8.8.8',
    'localhost',
    '[fd00::9]',
    '10.20.0.13',
    'x127.0.0.1',
    '1-db',
    'db.1',
  ]
  const rows = hosts.flatMap((host) => cell('none:///', `mysql://nova:pw@${host}/nova`))
  expect(cellHosts(rows)).toEqual(['x127.0.0.1', '1-db', 'db.1'])
  expect(cellsLeadTo(rows, { addresses }).map((line) => line.split(' ').at(-1))).toEqual([
    '[fd00::9]',
    '10.20.0.13',
    'x127.0.0.1',
    '1-db',
    'db.1',
  ])
})

test('a template leads where the settings lead', () => {
  const rows = cell('{scheme}://{username}:{password}@{hostname}:{port}/', '{scheme}://{hostname}/nova')
  const to = (host: string) => ({
    transport_url: `rabbit://u:p@${host}:5672/`,
    database_connection: `mysql://nova:p@${host}/nova`,
  })
  expect(cellsLeadTo(rows, { addresses, settings: to('10.20.0.10') })).toEqual([])
  expect(cellsLeadTo(rows, { addresses, settings: to('10.20.0.11') })).toEqual([
    'cell cell1, transport_url: points to 10.20.0.11',
    'cell cell1, database_connection: points to 10.20.0.11',
  ])
})

test('no mappings at all do not count as leading to the target', () =>
  expect(cellsLeadTo([], { addresses })).toHaveLength(1))

test.each([
  [
    '{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}',
    'mysql://u:p@db:3306/nova?charset=utf8',
    'mysql://u:p@db:3306/nova?charset=utf8',
  ],
  [
    '{scheme}://{username}:{password}@{hostname}/nova_cell0',
    'mysql+pymysql://u:p%40@db/nova',
    'mysql+pymysql://u:p%40@db/nova_cell0',
  ],
  [
    'rabbit://{username1}:{password1}@{hostname1}:{port1},x:y@{hostname2}:5/{path}',
    'rabbit://u:p@a:1,v:q@b:2/vhost',
    'rabbit://u:p@a:1,x:y@b:5/vhost',
  ],
  ['{scheme}://{hostname}', 'rabbit://u:p@[fd00::1]:5', 'rabbit://fd00::1'],
  ['x://h:{port}', 'y://h', 'x://h:None'],
  ['{username}|{password}', 'x://nova@h', 'nova|None'],
  ['{username}|{password}', 'x://:pw@h', '|pw'],
  ['{username}|{password}|{hostname}', 'x://u:p@w@h', 'u|p@w|h'],
  ['{username}|{hostname}|{port}', 'x://', '||None'],
  ['{hostname}|{port}|{password}', 'x://u:p@[fd00::1]', 'fd00::1|None|p'],
  ['{path}|{query}|{fragment}', 'x://h//a//b?c?d#e#f', 'a//b|c?d|e#f'],
  ['{path}|{query}|{fragment}', 'x://h#e?c/d', '||e?c/d'],
  ['none:///', undefined, 'none:///'],
])('%s is filled in from %s', (template, setting, url) =>
  expect(fillTemplate(template, setting)).toEqual({ url, unknown: [] }),
)

test('a placeholder without a value in the setting is named', () => {
  for (const text of ['no URL', ' x://h', '//h/a']) expect(fillTemplate('{path}', text).unknown).toEqual(['path'])
  expect(fillTemplate('{hostname1} {hostname2} {hostname1}', 'rabbit://u:p@a/').unknown).toEqual([
    'hostname1',
    'hostname2',
  ])
  expect(fillTemplate('{path}', undefined).unknown).toEqual(['path'])
})

test('a URL with an unclear host is reported without quoting it', () => {
  const rows = cell('rabbit://nova:s3/cr@10.20.0.12/', 'mysql://nova:s3@cr/x?q@b/y')
  const says = unreadableCells(rows, {})
  expect(says).toEqual([
    expect.stringMatching(/^cell cell1, transport_url: a URL whose password hides where the host begins/),
    expect.stringMatching(/^cell cell1, database_connection: a URL whose password hides where the host begins/),
  ])
  expect(says.join()).not.toMatch(/s3|nova:/)
  expect(cellsLeadTo(rows, { addresses })).toEqual(says)
})
