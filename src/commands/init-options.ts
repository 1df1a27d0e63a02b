import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Become, Machine } from '../config.ts'
import { refuse } from '../errors.ts'
import { agentWord } from '../hosts/agent.ts'
import { whyNoKey } from '../hosts/keys.ts'
import { type Held, passwordIn } from '../hosts/password.ts'
import type { SshSays } from '../hosts/ssh-config.ts'
import { findRelease } from '../releases/release.ts'
import { isMachineName, placeOf, usualKey } from '../settings/machine.ts'
import { expand } from '../settings/values.ts'
import { refuseUnwritable } from './files.ts'
import { type Says, wayTo } from './init-jumps.ts'
import { parseGiven } from './place.ts'
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
  /** '[USER@]HOST[:PORT]', in the order in which they are passed, for every machine */
  readonly jump?: readonly string[]
  /** another ssh_config than the operator's; 'none': no file */
  readonly sshConfig?: string
}

/** A machine that nobody has asked yet. */
export type Named = Omit<Machine, 'hostKey' | 'jump'> & { readonly jump?: readonly Named[] }

export interface InitMachines {
  readonly source: Named
  readonly target: Named
  readonly computes: readonly Named[]
}

/** The hosts that the command line names, as far as it can be read: ssh may know more about them. */
export const hostsIn = ({ source, target, compute, jump = [] }: InitOptions): readonly string[] =>
  [source, target, ...compute.map((text) => text.slice(text.indexOf('=') + 1)), ...jump].flatMap(
    (text) => parseGiven(text)?.host ?? [],
  )

/**
 * The machines that the command line names. Everything that it alone can be wrong in is judged here, before a machine is
 * asked: throws SwapError (exit 2) naming the option. `says`: what the operator's ssh knows of their hosts.
 */
export const machinesIn = (options: InitOptions, says: Says = new Map()): InitMachines => {
  if (options.dryRun !== true) {
    if (lstatSync(options.config, { throwIfNoEntry: false }) !== undefined)
      throw refuse(options.config, 'already exists', 'Give another file with --config, or remove this one')
    refuseUnwritable('--config', options.config)
  }
  findRelease(options.release, '--release')
  const become = becomeOf(options)
  const loginOf = loginsOf(options)
  const at = (option: string, text: string): Omit<Named, 'name'> => {
    const { host, port, user = 'root' } = placeIn(option, text)
    const said = says.get(host)
    const jump = wayTo(host, { says, jump: options.jump ?? [], loginOf })
    return {
      user,
      host: said?.host ?? host,
      port: port ?? said?.port ?? 22,
      ...(become === undefined || user === 'root' ? {} : { become }),
      ...loginOf(said),
      ...(jump.length === 0 ? {} : { jump }),
    }
  }
  const [source, target] = [at('--source', options.source), at('--target', options.target)]
  if (placeOf(source) === placeOf(target))
    throw refuse('--target', `${placeOf(target)} is the source itself`, 'Name the new controller')
  const computes = options.compute.map((text): Named => {
    const [name, place] = splitCompute(text)
    return { ...at('--compute', place), name }
  })
  refuseTwice(computes)
  refuseOwn([...computes, { ...source, name: 'the source' }, { ...target, name: 'the target' }])
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

/** The key of the command line; else the first that ssh_config names and that can be used; else the usual one. */
const loginsOf = ({ key: given, keyPassphraseFile }: InitOptions) => {
  const path = (named: string): string => (named === agentWord ? named : resolve(expand(named)))
  const passphrase =
    keyPassphraseFile === undefined
      ? {}
      : { passphraseFile: privateFile('--key-passphrase-file', keyPassphraseFile, 'passphrase') }
  if (given !== undefined) usable(path(given))
  return (said: SshSays | undefined): Pick<Machine, 'key' | 'passphraseFile'> => {
    const known = given ?? said?.keys.find((key) => whyNoKey(path(key)) === undefined)
    return { key: usable(path(known ?? usualKey())), ...passphrase }
  }
}

const usable = (key: string): string => {
  const why = whyNoKey(key)
  if (why === undefined) return key
  throw refuse('--key', why, 'Name the file of a private key: --key FILE, or the ssh agent: --key agent')
}

const placeIn = (option: string, text: string) => {
  const at = parseGiven(text)
  if (at === undefined)
    throw refuse(
      option,
      `'${text}' is not [USER@]HOST[:PORT]`,
      'Examples: root@10.0.0.11, root@10.0.0.11:2222 or root@[fd00::11]:2222',
    )
  return at
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

/** The swap fences its own machines off: none of them may be the way to another. */
const refuseOwn = (machines: readonly Named[]): void => {
  for (const { name, jump = [] } of machines)
    for (const hop of jump) {
      const own = machines.find((machine) => placeOf(machine) === placeOf(hop))
      if (own !== undefined)
        throw refuse(
          '--jump',
          `the way to ${name} leads through ${own.name}, which the swap fences off`,
          'Name another jump host with --jump, or reach it directly: --ssh-config none',
        )
    }
}
