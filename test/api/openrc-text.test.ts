import { expect, test } from 'vitest'
import { readOpenrcText } from '../../src/api/openrc-text.ts'

const values = (text: string) => readOpenrcText(text).values

test('an openrc file is parsed like in a shell', () => {
  const text = `# admin\nexport OS_USERNAME=admin\nexport OS_PASSWORD='p#s;"w@d'\nOS_PROJECT_NAME="a \\"b\\" \\$c"\nexport PATH=/bin\n`
  expect(values(text)).toEqual({ OS_USERNAME: 'admin', OS_PASSWORD: 'p#s;"w@d', OS_PROJECT_NAME: 'a "b" $c' })
})

test('a password of differently quoted pieces is one word', () => {
  const text = `export OS_PASSWORD='adm in #1;%@/'"'"'"x'\nOS_USERNAME=a\\ b;c() { :; } # ignored\nOS_REGION_NAME=\n`
  expect(values(text)).toEqual({ OS_PASSWORD: `adm in #1;%@/'"x`, OS_USERNAME: 'a b', OS_REGION_NAME: '' })
})

test.each([
  ['a # inside a word', 'export OS_PASSWORD=a#b\n', { OS_PASSWORD: 'a#b' }],
  ['a comment', '#export OS_AUTH_URL=http://old\n  # OS_X=1\nOS_A=1 # OS_B=2\n', { OS_A: '1' }],
  ['two in a line', 'export OS_A=1 OS_B="2 3" PATH=x\n', { OS_A: '1', OS_B: '2 3' }],
  ['unset', 'OS_A=1\nOS_B=2\nunset OS_A OS_C\n', { OS_B: '2' }],
  ['the last one counts', 'OS_A=1; OS_A=2\n', { OS_A: '2' }],
  ['set -x, an alias, and an empty line', "set -x\n\nalias ll='ls -l'\nOS_A=1\n", { OS_A: '1' }],
  ['a prompt that expands, which is not asked for', 'export PS1="[\\u@$HOST]\\$ "\nOS_A=1\n', { OS_A: '1' }],
  ['a continued line', 'export OS_A=1 \\\n  OS_B=2\n', { OS_A: '1', OS_B: '2' }],
  ['two lines in quotes', "OS_A='1\n2'\nOS_B=3", { OS_A: '1\n2', OS_B: '3' }],
  ['a $ at the end', 'OS_A="a$"\nOS_B=b$\n', { OS_A: 'a$', OS_B: 'b$' }],
  ['digits in a name', 'export OS_OAUTH2_X=1\n', { OS_OAUTH2_X: '1' }],
  ['a variable that only ends so', 'MYOS_A=1\n', {}],
])('%s', (_, text, expected) => {
  expect(readOpenrcText(text)).toEqual({ values: expected, open: [], foreign: [] })
})

test.each([
  ['$P', 'P=1\nexport OS_PASSWORD=$P\n', 'OS_PASSWORD', 2],
  ['$(cmd)', 'export OS_PASSWORD=$(cat /root/.pw | tr -d "\\n")\n', 'OS_PASSWORD', 1],
  ['`cmd`', 'export OS_PASSWORD=`cat /root/.pw`\n', 'OS_PASSWORD', 1],
  [`\${A:-b}`, `\n\nexport OS_REGION_NAME="\${A:-b}"\n`, 'OS_REGION_NAME', 3],
  ['~', 'export OS_CACERT=~/ca.pem\n', 'OS_CACERT', 1],
  ['a prompt', 'read -sr X\n', 'read', 1],
  ['an if', 'if [ -z "$A" ]; then unset OS_A; fi\n', 'if', 1],
  ['a list', 'test -n "$A" && export OS_A=1\n', 'test', 1],
  ['another file', '. /root/common\n', '.', 1],
  ['an open quote', "OS_PASSWORD='a\n", 'OS_PASSWORD', 1],
])('%s is left to a shell, and reported by its line', (_, text, name, line) => {
  const { open, foreign } = readOpenrcText(text)
  expect(open[0]).toEqual({ name, line })
  expect(foreign).toEqual([])
})

test.each([
  ['a script', 'OS_A=1\nrm -rf /var/lib/mysql\n', 'rm', 2],
  ['a script within an if', 'if true; then systemctl stop nova-api; fi\n', 'systemctl', 1],
  ['a command with a variable', 'OS_A=1 openstack server list\n', 'OS_A=1', 1],
  ['a command behind a pipe', 'echo x | mysql nova\n', 'mysql', 1],
  ['a function', 'login() {\n:\n}\n', 'login', 1],
  ['a file that is written', 'echo x > /etc/passwd\n', '> /etc/passwd', 1],
  ['a command by its variable', '$CMD x\n', '$C', 1],
])('%s is refused and never run', (_, text, name, line) => {
  expect(readOpenrcText(text).foreign[0]).toMatchObject({ line, name: expect.stringContaining(name) })
})

test('the files of horizon and kolla are understood, and need no more than a shell', () => {
  const horizon = `#!/usr/bin/env bash
export OS_AUTH_URL=http://10.0.0.1:5000
export OS_PROJECT_ID=abc
if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
unset OS_TENANT_ID
echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
`
  const kolla = `for key in $( set | awk '{FS="="}  /^OS_/ {print $1}' ); do unset $key ; done
export OS_PASSWORD='x'
`
  for (const text of [horizon, kolla]) expect(readOpenrcText(text)).toMatchObject({ foreign: [] })
  expect(readOpenrcText(horizon).open.map(({ name }) => name)).toContain('OS_PASSWORD')
})
