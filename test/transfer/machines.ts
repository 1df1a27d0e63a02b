import type { Argv, Command, Host, HostName, Hosts, Output } from '../../src/hosts/host.ts'

/** A machine's files by path, and the output of its programs. */
export interface Machine {
  readonly files?: Readonly<Record<string, string>>
  /** 'python3': '[]'; a program that is absent is not installed */
  readonly programs?: Readonly<Record<string, string>>
}

const done = (stdout: string, code = 0): Output => ({ code, stdout, stderr: '' })

const answer = ({ files = {}, programs = {} }: Machine, argv: Argv): Output => {
  const path = argv.at(-1) ?? ''
  switch (argv[0]) {
    case 'cat':
      return files[path] === undefined ? done('', 1) : done(files[path])
    case 'test':
      return done('', files[path] === undefined ? 1 : 0)
    case 'stat':
      return done('root:root 640\n')
    case 'find':
      return done('')
    case 'grep': {
      const found = Object.entries(files).filter(([name]) =>
        argv.some((one) => name === one || (one.startsWith('/') && name.startsWith(`${one}/`))),
      )
      return done(found.flatMap(([name, text]) => text.split('\n').map((line) => `${name}\0${line}\n`)).join(''))
    }
    default:
      return programs[argv[0]] === undefined ? done('', 127) : done(programs[argv[0]] ?? '')
  }
}

/** Both sides, answering from the given files and output; `asked` collects every program that runs. */
export const machines = (sides: Readonly<Record<'source' | 'target', Machine>>, asked: Argv[] = []): Hosts => {
  const host = (name: HostName): Host =>
    ({
      name,
      run: async ({ argv }: Command) => {
        asked.push(argv)
        return answer(sides[name as 'source' | 'target'], argv)
      },
    }) as unknown as Host
  return host
}
