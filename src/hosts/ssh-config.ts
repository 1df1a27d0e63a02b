import { execa } from 'execa'
import { refuse } from '../errors.ts'

/** Parses the output of `ssh -G`: one setting per line, names in lower case. */
export const parseSshConfig = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line): readonly [string, string][] => {
      const at = line.indexOf(' ')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]]
    }),
  )

/** How the operator's own ssh reaches a host. */
export interface SshSays {
  /** HostName */
  readonly host: string
  readonly port: number
  /** User, or the operator's own name */
  readonly user: string
  /** IdentityFile, where ssh_config sets it */
  readonly keys: readonly string[]
  /** ProxyJump, '[USER@]HOST[:PORT]' each, in the order in which they are passed */
  readonly jumps: readonly string[]
}

const linesOf = (text: string, name: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1).trim())

/** From the output of `ssh -G`; `plain`: the same without any ssh_config. */
export const saysOf = (text: string, plain: string): SshSays => {
  const settings = parseSshConfig(text)
  const keys = linesOf(text, 'identityfile')
  const usual = linesOf(plain, 'identityfile')
  const jump = settings.get('proxyjump') ?? 'none'
  return {
    host: settings.get('hostname') ?? '',
    port: Number(settings.get('port') ?? 22),
    user: settings.get('user') ?? '',
    keys: keys.join() === usual.join() ? [] : keys,
    jumps: jump === 'none' ? [] : jump.split(','),
  }
}

/** The word for `--ssh-config` that reads no file at all. */
export const noSshConfig = 'none'

const wordsFor = (file: string | undefined): readonly string[] =>
  file === undefined ? [] : ['-F', file === noSshConfig ? '/dev/null' : file]

/**
 * Asks the operator's ssh (`ssh -G`, which connects to nothing). `file`: another ssh_config than the default. Undefined
 * without ssh. Throws SwapError (exit 2) when ssh cannot read its settings.
 */
export const askSsh = async (host: string, file?: string): Promise<SshSays | undefined> => {
  const ask = (words: readonly string[]) =>
    execa('ssh', ['-G', ...words, '--', host], { reject: false, timeout: 10_000, stdin: 'ignore' })
  const [said, plain] = await Promise.all([ask(wordsFor(file)), ask(wordsFor(noSshConfig))])
  if (said.exitCode === undefined) return undefined
  if (said.exitCode !== 0)
    throw refuse(
      '--ssh-config',
      `ssh -G ${host} says: ${said.stderr.trim()}`,
      `Correct it, name another file, or use --ssh-config ${noSshConfig}`,
    )
  return saysOf(said.stdout, plain.stdout)
}

/**
 * What the operator's own ssh would do to reach a host (a jump host, say) that swapctl, which follows only its settings,
 * does not.
 */
export const detour = (host: string, settings: ReadonlyMap<string, string>): string | undefined => {
  const of = (name: string): string | undefined => {
    const value = settings.get(name)
    return value === undefined || value === 'none' ? undefined : value
  }
  const [jump, command, name] = [of('proxyjump'), of('proxycommand'), of('hostname')]
  if (jump !== undefined) return `your ssh uses ProxyJump ${jump}`
  if (command !== undefined) return `your ssh uses ProxyCommand ${command}`
  return name === undefined || name === host ? undefined : `your ssh knows it as ${name} (HostName)`
}

/** Asks the operator's ssh. `file`: another ssh_config than the default. Undefined without ssh. */
export const askDetour = async (host: string, port: number, file?: string): Promise<string | undefined> => {
  const words = ['-G', ...wordsFor(file), '-p', String(port), '--', host]
  const { exitCode, stdout } = await execa('ssh', words, { reject: false, timeout: 10_000, stdin: 'ignore' })
  return exitCode === 0 ? detour(host, parseSshConfig(stdout)) : undefined
}

export const detourRemedy =
  'Only swapctl init reads ssh_config: for a jump host set jump in the settings, with a section [jump NAME]; otherwise run it on a machine that reaches this one directly, or open a tunnel (ssh -N -L 2222:HOST:22 JUMPHOST) and set host = 127.0.0.1, port = 2222.'
