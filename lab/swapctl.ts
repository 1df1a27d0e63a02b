import { execa } from 'execa'
import { inNetwork, namespaceOf } from './machines.ts'
import { cli, type Place } from './place.ts'
import { settingsPath } from './settings.ts'

export interface Said {
  readonly code: number
  readonly output: string
  readonly seconds: number
}

export interface SwapctlOptions {
  /** show the output as it comes */
  readonly live?: boolean
  /** seconds; none when absent, because swapctl's own limits end what hangs, and a slow machine may take its time */
  readonly limit?: number
  /** kill it with SIGKILL as soon as a line of its output matches */
  readonly killAt?: RegExp
  /** unplug the operator's machine as soon as a line of its output matches; `plug` reconnects it */
  readonly cutAt?: RegExp
  /** settings other than the demo's */
  readonly config?: string
}

/** A command as typed on the operator's machine. */
export const typed = (words: readonly string[]): string => `swapctl ${words.join(' ')}`

/** Runs swapctl as the operator: in the operator's network, with the operator's settings file. */
export const swapctl = async (place: Place, words: readonly string[], options: SwapctlOptions = {}): Promise<Said> => {
  const began = performance.now()
  const program = [process.execPath, cli, '-c', options.config ?? settingsPath(place), ...words]
  const [ip = '', ...rest] = [...namespaceOf('operator'), ...program]
  const child = execa(ip, rest, {
    cwd: place.desk,
    reject: false,
    all: true,
    stdin: 'ignore',
    ...(options.limit === undefined ? {} : { timeout: options.limit * 1000 }),
    ...(options.live === true ? shown() : {}),
  })
  if (options.killAt !== undefined) when(child, options.killAt, () => child.kill('SIGKILL'))
  if (options.cutAt !== undefined) when(child, options.cutAt, () => cable('down'))
  const done = await child
  return {
    code: done.exitCode ?? (done.isTerminated ? 128 : 255),
    output: `${String(done.all ?? '')}${endedBy(done, words, options)}`,
    seconds: (performance.now() - began) / 1000,
  }
}

/** Why it did not end by itself, and how to continue. */
const endedBy = (
  { timedOut, signal }: { readonly timedOut: boolean; readonly signal?: string | undefined },
  words: readonly string[],
  { limit, killAt }: SwapctlOptions,
): string => {
  const goOn = `run ${typed(words)} again: it goes on`
  if (timedOut) return `\nended by the lab after its limit of ${limit} s; ${goOn}\n`
  return signal === undefined || killAt !== undefined ? '' : `\nended by ${signal}; ${goOn}\n`
}

/** On a terminal swapctl inherits it; elsewhere its lines are copied as they come. */
const shown = (): { stdout: 'inherit' | ['inherit', 'pipe']; stderr: 'inherit' | ['inherit', 'pipe'] } =>
  process.stdout.isTTY
    ? { stdout: 'inherit', stderr: 'inherit' }
    : { stdout: ['inherit', 'pipe'], stderr: ['inherit', 'pipe'] }

const when = (child: { all: AsyncIterable<unknown> }, line: RegExp, act: () => unknown): void => {
  const watch = async (): Promise<void> => {
    let text = ''
    let over = false
    for await (const part of child.all) {
      text += String(part)
      if (over || !line.test(text)) continue
      over = true
      await act()
    }
  }
  watch().catch(() => {})
}

const cable = (state: 'up' | 'down'): Promise<string> => inNetwork('operator', ['ip', 'link', 'set', 'eth0', state])

export const plug = (): Promise<string> => cable('up')
