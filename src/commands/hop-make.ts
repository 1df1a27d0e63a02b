import { existsSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { packages } from '../ask/facts.ts'
import { refuse, SwapError } from '../errors.ts'
import { findRelease, type Release } from '../releases/release.ts'
import { type Suite, suites, suiteText } from '../releases/suites.ts'
import { recipeOf, recipes } from '../services/index.ts'
import { type Making, makeArgv, mark, servicesAt } from '../target/hop-archive.ts'
import { shortcomings } from '../target/hop-step.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { readable } from '../text/units.ts'
import { refuseUnreadable, refuseUnwritable } from './files.ts'

export interface HopMakeOptions {
  readonly service: readonly string[]
  /** name of a suite */
  readonly suite?: string
  /** URLs */
  readonly mirror?: string
  readonly cloudMirror?: string
  readonly keyring?: string
  /** NAME.tar.zst */
  readonly output?: string
  readonly json?: boolean
}

/** Builds the hop environment of a release on this machine; needs no settings and no other machine. */
export const makeHop = async (name: string, options: HopMakeOptions): Promise<void> => {
  const release = findRelease(name, 'RELEASE')
  const output = outputOf(release, options)
  const suite = suiteOf(release, options.suite)
  const wanted = options.service.length === 0 ? recipes : options.service.map(recipeOf)
  const making = { release, suite, recipes: servicesAt(wanted, release), ...(await mirrorsOf(suite, options)) }
  if (making.recipes.length === 0)
    throw refuse(
      '--service',
      `${release.id} has no schema tool of ${options.service.join(', ')}`,
      'Name another service',
    )
  process.stderr.write(`making the environment of ${release.id} from ${suiteText(suite)}\n`)
  const found = await make(making, output)
  const size = (await stat(output)).size
  if (options.json === true)
    return void process.stdout.write(
      `${asJson({ release: release.id, archive: output, bytes: size, packages: found }, 2)}\n`,
    )
  const versions = found.map((one) => `${one.name} ${one.version}`).join(', ')
  process.stdout.write(
    `${forTerminal(`${output}: ${readable(size)}, its schema tools start: ${versions}\nAdd to the settings:\n[hop ${release.name}]\narchive = ${output}`)}\n`,
  )
}

/** Throws SwapError (exit 2) when the file has another form, or is there. */
const outputOf = (release: Release, { output = `${release.name}.tar.zst` }: HopMakeOptions): string => {
  const path = resolve(output)
  if (!path.endsWith('.tar.zst')) throw refuse('--output', `${output} must end in .tar.zst`, 'Name another file')
  if (existsSync(path)) throw refuse('--output', `${path} exists`, 'Name another file, or remove this one')
  refuseUnwritable('--output', path)
  return path
}

/** The asked suite, or the first that has the release. Throws SwapError (exit 2) when none does. */
const suiteOf = (release: Release, name: string | undefined): Suite => {
  const fit = suites.filter((one) => one.release === release.name)
  const found = name === undefined ? fit[0] : fit.find((one) => one.name === name)
  if (found !== undefined) return found
  if (name === undefined)
    throw refuse(
      'RELEASE',
      `no suite that swapctl knows has packages of ${release.id}`,
      'Pack a root tree with its schema tools by hand: runbooks/01-prepare.md',
    )
  throw refuse(
    '--suite',
    `${name} is no suite with packages of ${release.id}`,
    `Choose from: ${fit.map((one) => one.name).join(', ') || 'none that swapctl knows'}`,
  )
}

type Mirrors = Pick<Making, 'mirror' | 'cloudMirror' | 'keyring'>

/** Throws SwapError (exit 2) when a URL is missing or is none. */
const mirrorsOf = async (suite: Suite, { mirror, cloudMirror, keyring }: HopMakeOptions): Promise<Mirrors> => {
  if (keyring !== undefined) refuseUnreadable('--keyring', keyring)
  const own = mirror ?? (await ownMirror(suite.distribution))
  for (const [option, url] of Object.entries({ '--mirror': own, '--cloud-mirror': cloudMirror }))
    if (url !== undefined) refuseUrl(option, url)
  if (own === undefined)
    throw refuse(
      '--mirror',
      `apt on this machine knows no mirror of ${suite.distribution}`,
      'Give its URL: --mirror URL',
    )
  if (suite.pocket !== undefined && cloudMirror === undefined)
    throw refuse(
      '--cloud-mirror',
      `${suiteText(suite)} needs its URL`,
      "Give it: --cloud-mirror URL, of Ubuntu's cloud archive",
    )
  return {
    mirror: own,
    ...(cloudMirror === undefined ? {} : { cloudMirror }),
    ...(keyring === undefined ? {} : { keyring: resolve(keyring) }),
  }
}

/** Everybody on this machine sees the arguments of mmdebstrap: a login belongs into apt's own file. */
const refuseUrl = (option: string, url: string): void => {
  if (/^\w+:\/\/[^/]*@/.test(url))
    throw refuse(option, 'the URL has a login', 'Put it into /etc/apt/auth.conf.d/ and give the URL without it')
  if (!/^(?:https?|file):\/\/\S+$/.test(url))
    throw refuse(option, `'${url}' is not a URL`, 'Give it as http://HOST/PATH')
}

/** Where apt on this machine gets the distribution's packages. */
const ownMirror = async (distribution: Suite['distribution']): Promise<string | undefined> => {
  const asked = ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages']
  const { stdout = '' } = await execa('apt-get', asked, { reject: false })
  return stdout
    .split('\n')
    .find((line) => line.startsWith(`${distribution} `))
    ?.slice(distribution.length + 1)
}

/** Runs mmdebstrap, shows what it says, and resolves with the packages of the tools. The file is there whole or not at all. */
const make = async (making: Making, output: string) => {
  const partial = join(dirname(output), `.${process.pid}-${basename(output)}`)
  const [program, ...words] = makeArgv(making, partial)
  const said: string[] = []
  // Ctrl-C ends mmdebstrap, which removes its own tree; this goes on, to remove the partial archive.
  const wait = (): void => {}
  process.on('SIGINT', wait)
  const child = execa(program, words, { reject: false, all: true, stdin: 'ignore' })
  try {
    for await (const line of child.iterable({ from: 'all' })) {
      said.push(line)
      if (!line.startsWith(mark)) process.stderr.write(`${forTerminal(line)}\n`)
    }
    const { exitCode, code } = await child
    if (code === 'ENOENT') throw refuse(program, 'is not installed on this machine', 'Install mmdebstrap and zstd')
    if (exitCode !== 0) throw failed(making, said)
    const found = packages.parse(
      said
        .filter((line) => line.startsWith(mark))
        .map((line) => line.slice(mark.length))
        .join('\n'),
    )
    const complaints = shortcomings(making, found)
    if (complaints.length > 0) throw unfit(making, complaints)
    await rename(partial, output)
    return found
  } finally {
    process.off('SIGINT', wait)
    await rm(partial, { force: true })
  }
}

const failed = ({ release, suite }: Making, said: readonly string[]): SwapError =>
  new SwapError(
    'mmdebstrap',
    `could not make the environment of ${release.id} from ${suiteText(suite)}: ${said
      .filter((line) => /^E: |error/i.test(line))
      .slice(-3)
      .join(' / ')}`,
    'Read its output above. Another suite: --suite; other keys: --keyring; another mirror: --mirror',
  )

const unfit = ({ release, suite }: Making, complaints: readonly string[]): SwapError =>
  new SwapError(
    suiteText(suite),
    `what it has is not ${release.id}: ${complaints.join('; ')}`,
    'Use another suite: --suite',
  )
