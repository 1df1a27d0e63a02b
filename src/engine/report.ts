import ora from 'ora'
import { SwapError } from '../errors.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { duration } from '../text/units.ts'
import type { Step } from './step.ts'

type Named = Pick<Step, 'id' | 'title'>

/** Reports events to the operator as they happen. */
export interface Reporter {
  begin(step: Named): void
  progress(step: Named, text: string): void
  end(step: Named, says: string, seconds: number): void
  skip(step: Named, why: string): void
  fail(step: Named, error: Error): void
  note(text: string): void
  /** Stops the spinner, so that something else can be printed. */
  close(): void
}

export interface ReporterOptions {
  readonly stream?: NodeJS.WriteStream
  /** JSON lines instead of text */
  readonly json?: boolean
  readonly tty?: boolean
}

const ended = (sign: string, step: Named, rest: string): string =>
  `${sign} ${step.id.padEnd(24)} ${step.title}  ${rest}`

/** The failure in one line; the full text of the first failure is printed when the command ends. */
const shortly = (error: Error): string => {
  const where = error instanceof SwapError ? `${error.where}: ` : ''
  return `${where}${error.message.split('\n')[0]}`
}

/** Seconds of silence after which a step is reported as still running; the interval then doubles up to `most`. */
const patience = { first: 10, most: 60 }

/** Reports each running step that has been silent for a while as still running. */
const heartbeat = (say: (step: Named, text: string) => void) => {
  const running = new Map<string, { readonly step: Named; readonly began: number; next: number; wait: number }>()
  const later = (id: string): void => {
    const one = running.get(id)
    if (one !== undefined) one.next = Date.now() + one.wait * 1000
  }
  const tick = setInterval(() => {
    for (const one of running.values()) {
      if (Date.now() < one.next) continue
      say(one.step, `still running, ${duration((Date.now() - one.began) / 1000)}`)
      one.wait = Math.min(2 * one.wait, patience.most)
      later(one.step.id)
    }
  }, 1000)
  tick.unref()
  return {
    begin: (step: Named): void => {
      running.set(step.id, { step, began: Date.now(), next: 0, wait: patience.first })
      later(step.id)
    },
    heard: (step: Named): void => later(step.id),
    end: (step: Named): void => void running.delete(step.id),
    close: (): void => clearInterval(tick),
  }
}

const jsonReporter = (print: (line: string) => void): Reporter => {
  const say = (event: string, fields: object) => print(asJson({ at: new Date().toISOString(), event, ...fields }))
  const beat = heartbeat(({ id }, text) => say('progress', { step: id, text }))
  return {
    begin: (step) => {
      beat.begin(step)
      say('begin', { step: step.id, title: step.title })
    },
    progress: (step, text) => {
      beat.heard(step)
      say('progress', { step: step.id, text })
    },
    end: (step, says, seconds) => {
      beat.end(step)
      say('end', { step: step.id, says, seconds })
    },
    skip: (step, why) => {
      beat.end(step)
      say('skip', { step: step.id, why })
    },
    fail: (step, error) => {
      beat.end(step)
      say('fail', { step: step.id, error: error.message })
    },
    note: (text) => say('note', { text }),
    close: beat.close,
  }
}

/** For output without a terminal: one line per event; progress at most every 10 s per step. */
const plainReporter = (print: (line: string) => void): Reporter => {
  const last = new Map<string, number>()
  const line = (step: Named, text: string) => print(`  ${step.id.padEnd(24)} ${text}`)
  const beat = heartbeat(line)
  return {
    begin: (step) => {
      beat.begin(step)
      line(step, step.title)
    },
    progress: (step, text) => {
      if (Date.now() - (last.get(step.id) ?? 0) < 10_000) return
      last.set(step.id, Date.now())
      beat.heard(step)
      line(step, text)
    },
    end: (step, says, seconds) => {
      beat.end(step)
      print(ended('✔', step, `${duration(seconds)}  ${says}`.trimEnd()))
    },
    skip: (step, why) => {
      beat.end(step)
      print(ended('-', step, why))
    },
    fail: (step, error) => {
      beat.end(step)
      print(ended('✖', step, shortly(error)))
    },
    note: (text) => print(text),
    close: beat.close,
  }
}

/** One spinner whose text has a line for each running step; finished steps scroll away above it. */
const terminalReporter = (stream: NodeJS.WriteStream): Reporter => {
  // discardStdin: false, because we may prompt next and Ctrl-C must reach us.
  // isEnabled: true, because ora would otherwise decide by $CI and print each change of the text as a line.
  const spinner = ora({ stream, isEnabled: true, discardStdin: false, hideCursor: false })
  const running = new Map<string, { readonly step: Named; readonly began: number; text: string }>()
  const width = () => Math.max(40, (stream.columns ?? 80) - 4)
  const draw = () => {
    const lines = [...running.values()].map(({ step, began, text }) => {
      const seconds = duration((Date.now() - began) / 1000)
      return forTerminal(`${step.id.padEnd(24)} ${text === '' ? step.title : text}  ${seconds}`)
        .replaceAll('\n', ' ')
        .slice(0, width())
    })
    if (lines.length === 0) spinner.stop()
    else {
      spinner.text = lines.join('\n  ')
      if (!spinner.isSpinning) spinner.start()
    }
  }
  const tick = setInterval(draw, 1000)
  tick.unref()
  const print = (line: string) => {
    spinner.stop()
    stream.write(`${forTerminal(line)}\n`)
    draw()
  }
  const finish = (step: Named, line: string) => {
    running.delete(step.id)
    print(line)
  }
  return {
    begin: (step) => {
      running.set(step.id, { step, began: Date.now(), text: '' })
      draw()
    },
    progress: (step, text) => {
      const one = running.get(step.id)
      if (one !== undefined) one.text = text
      draw()
    },
    end: (step, says, seconds) => finish(step, ended('✔', step, `${duration(seconds)}  ${says}`.trimEnd())),
    skip: (step, why) => finish(step, ended('-', step, why)),
    fail: (step, error) => finish(step, ended('✖', step, shortly(error))),
    note: print,
    close: () => {
      clearInterval(tick)
      running.clear()
      spinner.stop()
    },
  }
}

/** The reporter that fits the output: a terminal, a file or pipe, or JSON lines. */
export const createReporter = (options: ReporterOptions = {}): Reporter => {
  const stream = options.stream ?? process.stdout
  const print = (line: string) => void stream.write(`${line}\n`)
  if (options.json === true) return jsonReporter(print)
  if (options.tty ?? stream.isTTY) return terminalReporter(stream)
  return plainReporter((line) => print(forTerminal(line)))
}
