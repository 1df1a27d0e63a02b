import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SwapError } from '../../src/errors.ts'
import { recipes } from '../../src/services/index.ts'
import { type Choice, choicesOf, choicesPath } from '../../src/settings/choices.ts'
import { get, parse } from '../../src/transfer/oslo-conf.ts'
import { translate } from '../../src/transfer/translate.ts'

const names = recipes.map(({ name }) => name)
const read = (text: string): readonly Choice[] => choicesOf('/etc/swap/swapctl.decisions.ini', text, names)

const failure = (work: () => unknown): SwapError => {
  try {
    work()
  } catch (error) {
    return error as SwapError
  }
  throw new Error('it was accepted')
}

const entry = (title: string, decision: string, more = ''): string =>
  `[${title}]\ndecision = ${decision}\nreason = looked at\n${more}`

test('the decisions file is beside the settings', () => {
  expect(choicesPath('/etc/swap/swapctl.ini')).toBe('/etc/swap/swapctl.decisions.ini')
  expect(choicesPath('/etc/swap/own')).toBe('/etc/swap/own.decisions.ini')
})

test('an entry has service, section, key, decision and reason; a section may contain blanks', () => {
  const text = `; why\n${entry('nova DEFAULT debug', 'set true')}${entry('cinder my backend volume_driver', 'keep', 'file = cinder.conf\n')}`
  expect(read(text)).toEqual([
    {
      ...{ service: 'nova', section: 'DEFAULT', key: 'debug', kind: 'set', value: 'true', reason: 'looked at' },
      ...{ from: '/etc/swap/swapctl.decisions.ini', line: 2 },
    },
    {
      ...{ service: 'cinder', section: 'my backend', key: 'volume_driver', kind: 'keep', reason: 'looked at' },
      ...{ file: 'cinder.conf', from: '/etc/swap/swapctl.decisions.ini', line: 5 },
    },
  ])
})

describe('a malformed entry is refused with exit code 2, file, line, section and key', () => {
  test.each([
    ['an unknown service', entry('octavia DEFAULT debug', 'drop'), "no service is called 'octavia'"],
    ['a key that is missing', entry('nova debug', 'drop'), '[SERVICE SECTION KEY]'],
    ['an unknown decision', entry('nova DEFAULT debug', 'remove'), 'keep, drop, pin or set VALUE'],
    ['set without a value', entry('nova DEFAULT debug', 'set'), 'keep, drop, pin or set VALUE'],
    ['a value where none belongs', entry('nova DEFAULT debug', 'keep 1'), 'keep, drop, pin or set VALUE'],
    ['no reason', '[nova DEFAULT debug]\ndecision = drop\n', 'reason is missing'],
    ['an unknown word', entry('nova DEFAULT debug', 'drop', 'why = x\n'), 'why is unknown'],
  ])('%s', (_what, text, says) => {
    const error = failure(() => read(`\n\n${text}`))
    expect(error).toMatchObject({ exitCode: 2, where: '/etc/swap/swapctl.decisions.ini, line 3' })
    expect(error.message).toContain(says)
  })

  test('a duplicate entry', () => {
    const error = failure(() => read(entry('nova DEFAULT debug', 'drop') + entry('nova DEFAULT debug', 'keep')))
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining('appears twice') })
  })

  test("errors do not quote a decision's value", () => {
    const error = failure(() => read(entry('nova database password', 'sett S3cr3t-value')))
    expect(error.message).not.toContain('S3cr3t')
  })
})

const one = (text: string, decisions: string, files: readonly { path: string; text: string }[] = []) => {
  const [first] = translate({
    project: 'nova',
    from: 'queens',
    to: 'epoxy',
    files: [{ path: '/etc/nova/nova.conf', text }, ...files],
    choices: read(decisions),
  })
  if (first === undefined) throw new Error('nothing came back')
  const file = parse(first.text)
  return {
    at: (section: string, key: string) => get(file, section, key),
    of: (key: string) => first.decisions.filter(({ option }) => option === key),
    text: first.text,
  }
}

describe("the operator's decisions are applied", () => {
  const text = '[DEFAULT]\nrpc_backend = rabbit\ndebug = true\n[cinder]\ncatalog_info = volumev2:cinderv2:publicURL\n'

  test('keep: the option is copied unchanged, although it is gone or would be rewritten', () => {
    const { at, of } = one(text, entry('nova DEFAULT rpc_backend', 'keep') + entry('nova cinder catalog_info', 'keep'))
    expect(at('DEFAULT', 'rpc_backend')).toBe('rabbit')
    expect(at('cinder', 'catalog_info')).toBe('volumev2:cinderv2:publicURL')
    expect(of('catalog_info')).toMatchObject([{ fate: 'kept', reason: 'decided by the operator: looked at' }])
    expect(of('catalog_info')[0]?.look).toBeUndefined()
    expect(one(text, '').at('cinder', 'catalog_info')).toBe('volumev3:cinderv3:publicURL')
  })

  test('drop: it is not copied, and what swapctl would add is not added', () => {
    const { at, of } = one(
      text,
      entry('nova DEFAULT debug', 'drop') + entry('nova service_user send_service_user_token', 'drop'),
    )
    expect(at('DEFAULT', 'debug')).toBeUndefined()
    expect(of('debug')).toMatchObject([{ fate: 'dropped', from: 'true' }])
    expect(at('service_user', 'send_service_user_token')).toBeUndefined()
    expect(one(text, '').at('service_user', 'send_service_user_token')).toBe('true')
  })

  test('set: it gets this value, set before or not, and is reported once', () => {
    const { at, of } = one(text, entry('nova DEFAULT debug', 'set false') + entry('nova api max_limit', 'set 5'))
    expect(at('DEFAULT', 'debug')).toBe('false')
    expect(of('debug')).toMatchObject([{ fate: 'set', from: 'true', to: 'false' }])
    expect(at('api', 'max_limit')).toBe('5')
  })

  test('set applies to the file that has the option, or to the named one', () => {
    const other = { path: '/etc/nova/more.conf', text: '[vnc]\nenabled = true\n' }
    const decisions =
      entry('nova vnc enabled', 'set false') + entry('nova vnc server_listen', 'set ::', 'file = more.conf\n')
    const files = translate({
      project: 'nova',
      from: 'queens',
      to: 'epoxy',
      files: [{ path: '/etc/nova/nova.conf', text }, other],
      choices: read(decisions),
    }).map((it) => parse(it.text))
    expect(files.map((file) => get(file, 'vnc', 'enabled'))).toEqual([undefined, 'false'])
    expect(files.map((file) => get(file, 'vnc', 'server_listen'))).toEqual([undefined, '::'])
  })

  test('set of what no file has applies to the first file only', () => {
    const files = translate({
      project: 'nova',
      from: 'queens',
      to: 'epoxy',
      files: ['nova.conf', 'more.conf'].map((name) => ({ path: `/etc/nova/${name}`, text })),
      choices: read(entry('nova api max_limit', 'set 5')),
    }).map((it) => parse(it.text))
    expect(files.map((file) => get(file, 'api', 'max_limit'))).toEqual(['5', undefined])
  })

  test('a secret that is set is not shown in a decision', () => {
    const { at, of } = one(text, entry('nova neutron password', 'set S3cr3t-value'))
    expect(at('neutron', 'password')).toBe('S3cr3t-value')
    expect(JSON.stringify(of('password'))).not.toContain('S3cr3t')
  })

  test.each([
    ['keep of what is not set', entry('nova DEFAULT verbose', 'keep'), 'the source does not set it'],
    ['drop of what nobody would write', entry('nova DEFAULT verbose', 'drop'), 'swapctl would not add it'],
    ['pin of a default that did not change', entry('nova DEFAULT my_ip', 'pin'), 'no default of this option'],
    ['pin of what the source sets', entry('nova DEFAULT debug', 'pin'), 'the source sets it'],
    [
      'set under a name that is gone',
      entry('nova DEFAULT scheduler_default_filters', 'set X'),
      '[filter_scheduler] enabled_filters now',
    ],
    ['a file that there is not', entry('nova vnc enabled', 'set true', 'file = none.conf\n'), 'no such file'],
  ])('refused: %s', (_what, decisions, says) => {
    const error = failure(() => one(text, decisions))
    expect(error).toMatchObject({ exitCode: 2, where: '/etc/swap/swapctl.decisions.ini, line 1' })
    expect(error.message).toContain(says)
    expect(error.message).toMatch(/\[nova \S+ \w+\]/)
  })

  test('any value that is set reaches the file unchanged', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9:/.@%,-]([A-Za-z0-9 :/.@%,-]{0,20}[A-Za-z0-9:/.@%,-])?$/)
    fc.assert(
      fc.property(value, (it) => {
        const decided = `[nova own key]\ndecision = "set ${it}"\nreason = x\n`
        expect(one('[own]\nkey = 1\n', decided).at('own', 'key')).toBe(it)
      }),
    )
  })
})
