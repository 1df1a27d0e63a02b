import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const upwards = (folder: string): string =>
  existsSync(join(folder, 'lab', 'lab.sh')) ? folder : upwards(dirname(folder))

/** The project's folder, whether this file runs directly or compiled below dist. */
export const project = upwards(import.meta.dirname)

export const labScript = join(project, 'lab', 'lab.sh')

/** The command line as built by `npm run build`, which an operator would have installed. */
export const cli = join(project, 'dist', 'src', 'cli.js')

export interface Place {
  readonly cache: string
  readonly vip: string
  readonly source: string
  readonly sourceStorage: string
  readonly target: string
  readonly targetStorage: string
  readonly compute: string
  readonly key: string
  readonly knownHosts: string
  readonly hopArchive: string
  /** the file describing what the lab created in its cloud */
  readonly facts: string
  /** the demo operator's folder with settings and state */
  readonly desk: string
}

const askEnv = (): Readonly<Record<string, string>> =>
  JSON.parse(execFileSync('bash', [labScript, 'env', '--json'], { encoding: 'utf8' })) as Record<string, string>

let known: Readonly<Record<string, string>> | undefined

/** The network namespace of a machine or the operator. */
export const netnsOf = (name: string): string => {
  known ??= askEnv()
  return known[`LAB_${name.toUpperCase()}_NETNS`] ?? `no namespace of ${name}`
}

/** Addresses, keys and paths of the lab, from `lab.sh env`. */
export const askPlace = (): Place => {
  const env = askEnv()
  const of = (name: string): string => {
    const value = env[`LAB_${name}`]
    if (value === undefined) throw new Error(`lab.sh env does not tell LAB_${name}`)
    return value
  }
  return {
    cache: of('CACHE'),
    vip: of('VIP'),
    source: of('SOURCE'),
    sourceStorage: of('SOURCE_STORAGE'),
    target: of('TARGET'),
    targetStorage: of('TARGET_STORAGE'),
    compute: of('COMPUTE'),
    key: of('KEY'),
    knownHosts: of('KNOWN_HOSTS'),
    hopArchive: of('HOP_ZED'),
    facts: of('FACTS'),
    desk: join(of('CACHE'), 'operator'),
  }
}
