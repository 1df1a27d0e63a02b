import { execa } from 'execa'

/** Parses the output of `ssh -G`: one setting per line, names in lower case. */
export const parseSshConfig = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line): readonly [string, string][] => {
      const at = line.indexOf(' ')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]]
    }),
  )

/**
 * What the operator's own ssh would do to reach a host (a jump host, say) that swapctl, which does not read ssh_config,
 * would not.
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
  const words = ['-G', ...(file === undefined ? [] : ['-F', file]), '-p', String(port), '--', host]
  const { exitCode, stdout } = await execa('ssh', words, { reject: false, timeout: 10_000, stdin: 'ignore' })
  return exitCode === 0 ? detour(host, parseSshConfig(stdout)) : undefined
}

export const detourRemedy =
  'swapctl reads no ssh_config: for a jump host set jump in the settings, with a section [jump NAME]; otherwise run it on a machine that reaches this one directly, or open a tunnel (ssh -N -L 2222:HOST:22 JUMPHOST) and set host = 127.0.0.1, port = 2222.'
