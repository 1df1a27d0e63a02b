import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program } from '../src/program.ts'

const root = join(import.meta.dirname, '..')
const documents = ['README.md', ...readdirSync(join(root, 'runbooks')).map((name) => join('runbooks', name))]

/** Every `swapctl ...` line in a code block, with its document. */
const lines = documents.flatMap((name) => {
  const blocks = [...readFileSync(join(root, name), 'utf8').matchAll(/```[a-z]*\n([\s\S]*?)```/g)].map(
    (m) => m[1] ?? '',
  )
  return blocks
    .flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => /^(?:# |\$ )?((?:npx )?swapctl .*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => [name, line.replace(/^npx /, '').replace(/\s+#.*$/, '')] as const)
})

/** What is wrong with a command line; undefined when the program accepts it. */
const complaint = (line: string): string | undefined => {
  const [, ...words] = line.split(/\s+/)
  let command: Command = program
  for (const word of words) {
    const option = word.split('=')[0] ?? ''
    if (option.startsWith('-')) {
      const known = [...command.options, ...program.options].some((o) => o.long === option || o.short === option)
      if (!known && !['--help', '-h'].includes(option)) return `${option} is no option of ${command.name()}`
    } else if (command === program || command.commands.some((one) => one.name() === word)) {
      const found = command.commands.find((one) => one.name() === word)
      if (found === undefined) return `${word} is no command`
      command = found
    }
  }
  return undefined
}

test('the test itself refuses an unknown command and an unknown option', () => {
  expect(complaint('swapctl migrat')).toBe('migrat is no command')
  expect(complaint('swapctl migrate --servce nova')).toBe('--servce is no option of migrate')
  expect(complaint('swapctl config translate nova.conf --form queens')).toBe('--form is no option of translate')
})

test('runbooks and README show the commands', () => {
  for (const command of program.commands)
    expect(lines.map(([, line]) => line).join('\n')).toContain(`swapctl ${command.name()}`)
})

test.each(lines)('%s: %s', (_, line) => {
  expect(complaint(line)).toBeUndefined()
})
