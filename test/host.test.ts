import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { brief, shell } from '../src/hosts/host.ts'

test('arguments reach a program unchanged, whatever they contain', () => {
  const words = ["it's", '$(id)', '`id`', 'a b', '"', '\\', 'new\nline', '*', 'проект', '', '-n', '~']
  const out = execFileSync('sh', ['-c', shell(['printf', '%s\\0', ...words])], { encoding: 'utf8' })
  expect(out.split('\0').slice(0, -1)).toEqual(words)
})

test('an error shows a script by its name and arguments', () => {
  expect(brief(['bash', '-c', 'set -e\nmysqldump "$1"', 'dump', 'no va'])).toBe("bash -c ... dump 'no va'")
  expect(brief(['bash', '-c', 'a\nb', 'import', 'nova', '{ print }\nEND'])).toBe('bash -c ... import nova ...')
  expect(brief(['python3', '-c', 'import os\nprint(1)'])).toBe('python3 -c ...')
  expect(brief(['sh', '-c', 'true'])).toBe('sh -c true')
  expect(brief(['mysqldump', 'nova'])).toBe('mysqldump nova')
})
