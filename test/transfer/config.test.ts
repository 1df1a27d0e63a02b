import { describe, expect, test } from 'vitest'
import { generatorCommand, namespacesCommand } from '../../src/transfer/ask-options.ts'
import { fileActions } from '../../src/transfer/config.ts'

const path = '/etc/nova/nova.conf'
const pair = { path, source: 's', now: 'packaged', packaged: undefined, stat: 'nova:nova 640\n' }
const write = { kind: 'write', on: 'target', path, owner: 'nova:nova', mode: '0640', content: 'merged', secret: true }

describe('the actions that put the merged text into the file', () => {
  test("first the packages' file is saved before it is changed", () => {
    expect(fileActions(pair, 'merged', 'nova')).toEqual([
      { kind: 'exec', on: 'target', argv: ['cp', '-a', '--', path, `${path}.swapctl-packaged.part`] },
      {
        kind: 'exec',
        on: 'target',
        argv: ['mv', '-n', '--', `${path}.swapctl-packaged.part`, `${path}.swapctl-packaged`],
      },
      write,
    ])
  })

  test('later only the text is written, and nothing when it is there already', () => {
    expect(fileActions({ ...pair, packaged: 'packaged' }, 'merged', 'nova')).toEqual([write])
    expect(fileActions({ ...pair, now: 'merged', packaged: 'packaged' }, 'merged', 'nova')).toEqual([])
  })

  test('a missing packaged file is recorded too', () => {
    expect(fileActions({ ...pair, now: undefined, stat: undefined }, 'merged', 'heat')).toEqual([
      { kind: 'write', on: 'target', path: `${path}.swapctl-packaged`, mode: '0600', content: '' },
      { ...write, owner: 'root:heat' },
    ])
  })
})

test('the generator gets its namespaces as arguments; a script on stdin finds them', () => {
  expect(generatorCommand(['nova.conf', 'oslo.log'], 30)).toEqual({
    argv: ['oslo-config-generator', '--format', 'json', '--namespace', 'nova.conf', '--namespace', 'oslo.log'],
    limit: 30,
  })
  expect(namespacesCommand(30)).toMatchObject({ argv: ['python3', '-'], limit: 30 })
  expect(namespacesCommand(30).stdin).toContain("group='oslo.config.opts'")
})
