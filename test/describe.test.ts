import { expect, test } from 'vitest'
import { describe } from '../src/engine/describe.ts'
import { type Action, exec } from '../src/engine/step.ts'

test.each<[string, Action, readonly string[]]>([
  [
    'a command, quoted as it has to be typed',
    exec('target', 'echo', "it's", '$HOME'),
    ["target# echo 'it'\\''s' '$HOME'"],
  ],
  [
    'a command that is run again while it asks for it',
    { kind: 'exec', on: 'target', argv: ['nova-manage', 'db', 'online_data_migrations'], again: [1] },
    ['target# nova-manage db online_data_migrations   # again while it exits 1'],
  ],
  [
    'what a command reads',
    { kind: 'exec', on: 'source', argv: ['nft', '-f', '-'], stdin: 'table ip fence\nflush\n' },
    ['source# nft -f -', '    <<EOF', '    table ip fence', '    flush', '    EOF'],
  ],
  [
    'not what it reads when that is secret',
    { kind: 'exec', on: 'target', argv: ['rabbitmqctl', 'import_definitions'], stdin: 'hunter2', secret: true },
    ['target# rabbitmqctl import_definitions', '    < [REDACTED]'],
  ],
  [
    'a pipe from machine to machine',
    {
      kind: 'pipe',
      from: { on: 'source', argv: ['mysqldump', 'nova'] },
      to: { on: 'target', argv: ['mariadb', 'nova'] },
      what: 'nova',
    },
    ['source# mysqldump nova', '  | target# mariadb nova'],
  ],
  [
    'a file without its content',
    {
      kind: 'write',
      on: 'target',
      path: '/etc/nova/nova.conf',
      mode: '0640',
      owner: 'root:nova',
      content: 'x'.repeat(2048),
    },
    ['target: write /etc/nova/nova.conf, mode 0640, owner root:nova, 2.0 KiB'],
  ],
  [
    'a file that goes',
    { kind: 'remove', on: 'target', path: '/etc/nova/a b' },
    ["target# rm -rf --one-file-system -- '/etc/nova/a b'"],
  ],
  [
    'SQL, statement by statement, without passwords',
    {
      kind: 'sql',
      on: 'target',
      database: 'mysql',
      statements: ["CREATE USER n IDENTIFIED BY 'hunter2'", 'FLUSH TABLES'],
    },
    ["target, MariaDB mysql> CREATE USER n IDENTIFIED BY '[REDACTED]';", 'target, MariaDB mysql> FLUSH TABLES;'],
  ],
  [
    'a fixup with what it is told',
    {
      kind: 'fixup',
      on: 'target',
      database: 'nova_cell1',
      fixup: 'iscsi-portal',
      args: { from: '10.30.0.11', to: '10.30.0.12' },
    },
    ['target: fixup iscsi-portal on nova_cell1 from=10.30.0.11 to=10.30.0.12'],
  ],
])('%s', (_, action, lines) => {
  expect(describe(action)).toEqual(lines)
})

test("a file's content is shown on demand, without its secrets", () => {
  const content = '[database]\nconnection = mysql://nova:hunter2@h/nova\n'
  const action: Action = { kind: 'write', on: 'target', path: '/etc/nova/nova.conf', mode: '0640', content }
  expect(describe(action, { content: true })).toEqual([
    'target: write /etc/nova/nova.conf, mode 0640, owner root:root, 52 B',
    '    [database]',
    '    connection = mysql://nova:[REDACTED]@h/nova',
  ])
})

test("of secret actions the plan shows neither content nor texts, but still the account's name", () => {
  const content = {
    kind: 'write',
    on: 'target',
    path: '/x',
    mode: '0600',
    content: 'plainword\n',
    secret: true,
  } as const
  expect(describe(content, { content: true })).toEqual([
    'target: write /x, mode 0600, owner root:root, 10 B',
    '    [REDACTED]',
  ])
  const statements = ["GRANT x ON `a`.* TO 'nova'@'10.%' WITH 'plainword' AND \"it''s\""]
  const sql = { kind: 'sql', on: 'target', statements, secret: true } as const
  expect(describe(sql)).toEqual([
    "target, MariaDB> GRANT x ON `a`.* TO 'nova'@'10.%' WITH '[REDACTED]' AND '[REDACTED]';",
  ])
})
