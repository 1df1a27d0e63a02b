import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Become, Machine } from '../config.ts'
import { refuse } from '../errors.ts'
import { agentWord } from '../hosts/agent.ts'
import { whyNoKey } from '../hosts/keys.ts'
import { type Held, passwordIn } from '../hosts/password.ts'
import { findRelease } from '../releases/release.ts'
import { isMachineName, placeOf, usualKey } from '../settings/machine.ts'
import { expand } from '../settings/values.ts'
import { refuseUnwritable } from './files.ts'
import { parsePlace } from './place.ts'
import type { Options } from './session.ts'

export interface InitOptions extends Options {
  readonly source: string
  readonly target: string
  /** 'cmp1=root@10.0.0.13' */
  readonly compute: readonly string[]
  readonly release: string
  readonly key?: string
  readonly keyPassphraseFile?: string
  /** for every machine whose user is not root */
  readonly become?: string
  readonly becomePasswordFile?: string
}

/** A machine that nobody has asked yet. */
export type Named = Omit<Machine, 'hostKey'>

export interface InitMachines {
  readonly source: Named
  readonly target: Named
  readonly computes: readonly Named[]
}

/**
 * The machines that the command line names. Everything that it alone can be wrong in is judged here, before anything is
 * asked: throws SwapError (exit 2) naming the option.
 */
export const machinesIn = (options: InitOptions): InitMachines => {
  if (options.dryRun !== true) {
    if (lstatSync(options.config, { throwIfNoEntry: false }) !== undefined)
      throw refuse(options.config, 'already exists', 'Give another file with --config, or remove this one')
    refuseUnwritable('--config', options.config)
  }
  findRelease(options.release, '--release')
  const become = becomeOf(options)
  const key = keyOf(options)
  const at = (option: string, text: string): Omit<Named, 'name'> => ({ ...placeIn(option, text, become), ...key })
  const [source, target] = [at('--source', options.source), at('--target', options.target)]
  if (placeOf(source) === placeOf(target))
    throw refuse('--target', `${placeOf(target)} is the source itself`, 'Name the new controller')
  const computes = options.compute.map((text): Named => {
    const [name, place] = splitCompute(text)
    return { ...at('--compute', place), name }
  })
  refuseTwice(computes)
  return { source: { ...source, name: 'source' }, target: { ...target, name: 'target' }, computes }
}

const becomeOf = ({ become, becomePasswordFile: path }: InitOptions): Become | undefined => {
  if (become !== undefined && become !== 'sudo')
    throw refuse('--become', `'${become}' is not sudo, the only way there is`, 'Example: --become sudo')
  if (path === undefined) return become === undefined ? undefined : {}
  if (become === undefined)
    throw refuse('--become-password-file', 'nothing asks for a password without --become', 'Add --become sudo')
  return { passwordFile: privateFile('--become-password-file', path, 'password') }
}

const privateFile = (option: string, path: string, held: Held): string => {
  const file = resolve(expand(path))
  try {
    passwordIn(file, held)
  } catch (error) {
    throw refuse(option, (error as Error).message, 'Make such a file, or leave it out to be asked', error)
  }
  return file
}

const keyOf = ({ key: path = usualKey(), keyPassphraseFile }: InitOptions): Pick<Machine, 'key' | 'passphraseFile'> => {
  const key = path === agentWord ? path : resolve(expand(path))
  const why = whyNoKey(key)
  if (why !== undefined)
    throw refuse('--key', why, 'Name the file of a private key: --key FILE, or the ssh agent: --key agent')
  if (keyPassphraseFile === undefined) return { key }
  return { key, passphraseFile: privateFile('--key-passphrase-file', keyPassphraseFile, 'passphrase') }
}

const placeIn = (option: string, text: string, become: Become | undefined) => {
  const at = parsePlace(text)
  if (at === undefined)
    throw refuse(
      option,
      `'${text}' is not [USER@]HOST[:PORT]`,
      'Examples: root@10.0.0.11, root@10.0.0.11:2222 or root@[fd00::11]:2222',
    )
  return { ...at, ...(become === undefined || at.user === 'root' ? {} : { become }) }
}

const splitCompute = (text: string): readonly [name: string, place: string] => {
  const [, name = '', place = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (isMachineName(name)) return [name, place]
  throw refuse(
    '--compute',
    `'${text}' is not NAME=[USER@]HOST[:PORT], with a name of letters, digits, dots and dashes`,
    'Example: cmp1=root@10.0.0.13',
  )
}

/** The settings have one section for each name, and each machine in one section. */
const refuseTwice = (computes: readonly Named[]): void => {
  for (const of of [({ name }: Named) => name, placeOf]) {
    const all = computes.map(of)
    const twice = all.find((one, index) => all.indexOf(one) !== index)
    if (twice !== undefined) throw refuse('--compute', `${twice} is given twice`, 'Name each compute node once')
  }
}
