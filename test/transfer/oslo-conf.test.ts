import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { encode, get, getAll, options, parse, render, sections } from '../../src/transfer/oslo-conf.ts'
import { append, remove, set, setAll } from '../../src/transfer/oslo-edit.ts'

interface Vector {
  readonly name: string
  readonly input: string
  readonly options?: readonly (readonly [string | null, string, string])[]
  readonly line?: number
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../fixtures/oslo/iniparser.json', import.meta.url), 'utf8'),
)

describe("agrees with oslo.config's own parser", () => {
  test.each(vectors.filter((vector) => vector.options !== undefined))('$name', ({ input, options: wanted }) => {
    const file = parse(input)
    expect(options(file).map(({ section, key, value }) => [section, key, value])).toEqual(
      wanted?.map(([section, key, value]) => [section ?? 'DEFAULT', key, value]),
    )
    expect(render(file)).toBe(input)
  })

  test.each(vectors.filter((vector) => vector.line !== undefined))('refused: $name', ({ input, line }) => {
    expect(() => parse(input, '/etc/x.conf')).toThrow(expect.objectContaining({ where: `/etc/x.conf, line ${line}` }))
  })

  test('there are test vectors of both kinds', () => {
    expect(vectors.filter((vector) => vector.line !== undefined).length).toBeGreaterThan(6)
    expect(vectors.filter((vector) => vector.options !== undefined).length).toBeGreaterThan(25)
  })
})

test('an error does not quote the line, which may contain a password', () => {
  expect(() => parse('[a]\npassword hunter2\n')).toThrow(/^(?!.*hunter2)/)
})

test.each([
  ['= 1\n', 1, 'an option without a name, in [DEFAULT]'],
  ['password hunter2\n', 1, "no '=' or ':' in the line, in [DEFAULT]"],
  ['[s]\nb = 1\npassword hunter2\n', 3, "no '=' or ':' in the line, in [s] after b"],
  ['[s]\nb = 1\n[t]\npassword hunter2\n', 4, "no '=' or ':' in the line, in [t]"],
  ['[s\n', 1, "a section's name must end with ], in [DEFAULT]"],
  ['[s]\nb = 1\n[]\n', 3, 'a section without a name, in [s] after b'],
  ['[s]\n b = 1\n', 2, 'an indented line with no option before it to continue, in [s]'],
])('%j is refused with the place', (text, line, message) => {
  const next = expect.stringContaining('fix the line')
  const where = `config file, line ${line}`
  expect(() => parse(text)).toThrow(expect.objectContaining({ exitCode: 2, where, message, next }))
})

test('the sections of a file are those that it opens, and the one before them', () => {
  expect(sections(parse('# a comment\na = 1\n[s]\nb = 2\n[S]\n[t]\n'))).toEqual(['DEFAULT', 's', 't'])
})

test('quotes within a value are its own', () => {
  expect(get(parse(`a = x"y"x\n`), 'DEFAULT', 'a')).toBe('x"y"x')
})

test.each([
  'plain',
  '',
  '"',
  "'",
  '""',
  '"x"',
  "'it's'",
  ' led and trailed ',
  'p#ss;w0rd',
  '100%% $$x',
  'one\ntwo',
  '\none',
  '"one\ntwo"',
  '\u00a0x',
  '# no comment',
  '[x]',
])('a written value is read back: %j', (value) => {
  expect(get(parse(render(set(parse('[a]\nk = old\n'), 'a', 'k', value))), 'a', 'k')).toBe(value)
})

test.each(['a\n', 'a\n\nb', 'a\n b', 'a\rb'])('a value that the dialect cannot hold is refused: %j', (value) => {
  const next = 'Write the value on one line'
  const message = expect.stringContaining('cannot store')
  expect(() => encode(value)).toThrow(expect.objectContaining({ exitCode: 2, where: 'config value', message, next }))
})

const packaged = `[DEFAULT]
# From nova.conf

# Where the state is (string value)
#state_path = $pybasedir
state_path = /var/lib/nova

# The broker (string value)
#transport_url = rabbit://

#
# another

[OVS]
; bridge: br-int
bridge_mappings = a:b

[empty]
`

describe('editing', () => {
  const file = () => parse(packaged)

  test('a set option is changed in place and nothing else changes', () => {
    expect(render(set(file(), 'DEFAULT', 'state_path', '/srv'))).toBe(packaged.replace('/var/lib/nova', '/srv'))
  })

  test('a new option goes under its commented default', () => {
    expect(render(set(file(), 'DEFAULT', 'transport_url', 'rabbit://u:p@h//'))).toBe(
      packaged.replace('rabbit://\n', 'rabbit://\ntransport_url = rabbit://u:p@h//\n'),
    )
  })

  test('without a commented default it goes after the last option of its section, whatever the case', () => {
    expect(render(set(file(), 'ovs', 'local_ip', '::1'))).toBe(packaged.replace('a:b\n', 'a:b\nlocal_ip = ::1\n'))
    expect(render(set(file(), 'empty', 'k', 'v'))).toBe(`${packaged}k = v\n`)
  })

  test('[DEFAULT] is not [default]', () => {
    const edited = set(file(), 'default', 'state_path', 'x')
    expect(render(edited)).toBe(`${packaged}\n[default]\nstate_path = x\n`)
    expect(get(edited, 'DEFAULT', 'state_path')).toBe('/var/lib/nova')
  })

  test('repeated options keep their order, become fewer and are removed', () => {
    const two = setAll(file(), 'ml2', 'k', ['1', '2'])
    expect(getAll(append(two, 'ML2', 'k', '3'), 'ml2', 'k')).toEqual(['1', '2', '3'])
    expect(render(setAll(two, 'ml2', 'k', ['9']))).toBe(`${packaged}\n[ml2]\nk = 9\n`)
    expect(render(remove(setAll(file(), 'OVS', 'x', ['1', '2']), 'ovs', 'x'))).toBe(packaged)
  })

  test('the last of a repeated option counts', () => {
    expect(get(parse('[a]\nk = 1\nk = 2\n'), 'a', 'k')).toBe('2')
  })

  test('a file without a final line end gets one before an addition', () => {
    expect(render(set(parse('[a]\nk = 1'), 'a', 'j', '2'))).toBe('[a]\nk = 1\nj = 2\n')
  })

  test('an empty file gets the section', () => {
    expect(render(set(parse(''), 'DEFAULT', 'k', 'v'))).toBe('[DEFAULT]\nk = v\n')
  })

  test('section names without duplicates', () => {
    expect(sections(parse('[OVS]\n[a]\nk = 1\n[ovs]\n'))).toEqual(['OVS', 'a'])
  })
})
