import { SwapError } from '../errors.ts'
import type { Argv, Command, Host, Output } from '../hosts/host.ts'
import { programText } from '../text/program.ts'
import type { GeneratorOutput } from './options.ts'

// oslo-config-generator fails for an unknown namespace, and namespaces differ between releases.
const entryPoints = programText('entry-points.py', import.meta.url)

/** Asks which namespaces the machine's packages have. */
export const namespacesCommand = (limit: number): Command => ({ argv: ['python3', '-'], stdin: entryPoints, limit })

export const generatorCommand = (namespaces: readonly string[], limit: number): Command => ({
  argv: ['oslo-config-generator', '--format', 'json', ...namespaces.flatMap((name) => ['--namespace', name])] as Argv,
  limit,
})

/**
 * Asks the machine's own packages which options they know (3 to 5 s per service). `limit`: seconds for each of the two
 * programs. Throws SwapError when none of the namespaces exists: the packages are not installed.
 */
export const askOptions = async (host: Host, namespaces: readonly string[], limit = 60): Promise<GeneratorOutput> => {
  const found = await askAmong(host, namespaces, await json<readonly unknown[]>(host, namespacesCommand(limit)), limit)
  if (found === undefined)
    throw new SwapError(
      host.name,
      `none of the option lists ${namespaces.join(', ')} is installed`,
      `Install the target's packages first: swapctl prepare`,
    )
  return found
}

/** The same for a machine that may not have the packages yet: then undefined. */
export const askInstalledOptions = async (
  host: Host,
  namespaces: readonly string[],
  limit = 60,
): Promise<GeneratorOutput | undefined> => {
  const command = namespacesCommand(limit)
  const output = await host.run(command)
  return output.code === 0
    ? askAmong(host, namespaces, parsed<readonly unknown[]>(host, command, output), limit)
    : undefined
}

const askAmong = async (
  host: Host,
  namespaces: readonly string[],
  installed: readonly unknown[],
  limit: number,
): Promise<GeneratorOutput | undefined> => {
  const present = new Set(installed)
  const wanted = [...new Set(namespaces)].filter((name) => present.has(name))
  return wanted.length === 0 ? undefined : json<GeneratorOutput>(host, generatorCommand(wanted, limit))
}

const json = async <T>(host: Host, command: Command): Promise<T> => parsed<T>(host, command, await host.run(command))

const parsed = <T>(host: Host, { argv: [program] }: Command, { code, stdout, stderr }: Output): T => {
  const next = `Run ${program} on ${host.name} by hand and fix what it names; nothing was changed`
  if (code !== 0) throw new SwapError(host.name, `${program} exited ${code}: ${stderr.trim().split('\n').at(-1)}`, next)
  try {
    return JSON.parse(stdout) as T
  } catch (cause) {
    throw new SwapError(host.name, `${program} did not print JSON`, next, { cause })
  }
}
