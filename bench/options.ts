import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  /** in the whole nova database */
  readonly rows: number
  /** block_device_mapping rows that the fixups rewrite */
  readonly blockDevices: number
  /** for mydumper, myloader and the comparison */
  readonly threads: number
  /** file for the results */
  readonly json: string
  /** jobs to run; empty: all */
  readonly only: readonly string[]
  /** minutes after which everything is stopped */
  readonly limit: number
  readonly installMydumper: boolean
}

const usage = `npm run bench -- [--rows N] [--block-devices N] [--threads N] [--only JOB]... [--json FILE] [--limit MINUTES] [--install-mydumper]`

const whole = (name: string, text: string): number => {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
  throw new Error(`--${name} ${text}: not a whole number above 0\n${usage}`)
}

/** Throws an Error with the mistake and the usage. */
export const readOptions = (argv: readonly string[], jobs: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rows: { type: 'string', default: '5000000' },
      'block-devices': { type: 'string' },
      threads: { type: 'string', default: String(cpus().length) },
      json: { type: 'string', default: 'bench.json' },
      only: { type: 'string', multiple: true, default: [] },
      limit: { type: 'string', default: '180' },
      'install-mydumper': { type: 'boolean', default: false },
    },
  })
  const unknown = values.only.find((name) => !jobs.includes(name))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${jobs.join(', ')}\n${usage}`)
  const rows = whole('rows', values.rows)
  return {
    rows,
    blockDevices: whole('block-devices', values['block-devices'] ?? String(Math.max(1, Math.round(rows / 5)))),
    threads: whole('threads', values.threads),
    json: values.json,
    only: values.only,
    limit: whole('limit', values.limit),
    installMydumper: values['install-mydumper'],
  }
}
