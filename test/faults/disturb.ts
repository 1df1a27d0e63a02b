import { execa } from 'execa'
import type { Cloud } from './cloud.ts'
import type { Light, LightName } from './light.ts'

/** A swapctl that runs while the test interferes with it or its machines. */
export interface Running {
  /** its output so far */
  said(): string
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<{ readonly code: number; readonly said: string }>
}

export const start = (cloud: Cloud, words: readonly string[]): Running => {
  const [program = '', ...before] = cloud.program
  const child = execa(program, [...before, ...words], { reject: false, stdin: 'ignore', all: true, timeout: 300_000 })
  let said = ''
  child.all.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1')
  })
  return {
    said: () => said,
    signal: (name) => void child.kill(name),
    ended: child.then(({ exitCode, signal }) => ({ code: exitCode ?? (signal === undefined ? 255 : 137), said })),
  }
}

/** Waits for a condition rather than for a time. */
export const until = async (what: string, ready: () => boolean | Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 3000; attempt += 1) {
    if (await ready()) return
    await new Promise((wake) => setTimeout(wake, 200))
  }
  throw new Error(`${what}: not within ten minutes`)
}

/** A program on a machine that pauses until it is released. */
export interface Gate {
  shut(): Promise<void>
  /** resolves when the program has reached the gate */
  reached(): Promise<void>
  open(): Promise<void>
}

/** `script` replaces the program; `$real` is the program's path, `gate` waits while the gate is shut. */
export const makeGate = async (light: Light, machine: LightName, program: string, script: string): Promise<Gate> => {
  const text = `#!/bin/bash
set -o pipefail
real=$(PATH=/usr/bin:/bin:/usr/sbin:/sbin command -v ${program})
gate() { [ -e /run/gate-${program} ] || return 0; touch /run/gate-${program}.reached; while [ -e /run/gate-${program} ]; do sleep 0.1; done; }
${script}
`
  await light.inside(machine, ['sh', '-c', `cat > "$1"; chmod 755 "$1"`, 'sh', `/usr/local/sbin/${program}`], {
    stdin: text,
  })
  const reached = `/run/gate-${program}.reached`
  const there = async () => (await light.attempt(machine, ['test', '-e', reached])).code === 0
  return {
    shut: async () => void (await light.sh(machine, `rm -f ${reached}; touch /run/gate-${program}`)),
    reached: () => until(`${program} at its gate`, there),
    open: async () => void (await light.sh(machine, `rm -f /run/gate-${program}`)),
  }
}

/** In the middle of a dump's rows: table definitions come before, triggers after. */
export const gateInDump = (light: Light, bytes: number): Promise<Gate> =>
  makeGate(
    light,
    'source',
    'mariadb-dump',
    `case " $* " in *" --no-data "*) exec "$real" "$@" ;; *" --no-create-info "*) ;; *) exec "$real" "$@" ;; esac
"$real" "$@" | { head -c ${bytes}; gate; cat; }`,
  )
