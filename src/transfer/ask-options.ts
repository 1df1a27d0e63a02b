import { SwapError } from '../errors.ts'
import type { Argv, Command, Host } from '../hosts/host.ts'
import type { GeneratorOutput } from './options.ts'

// An unknown namespace is an error to oslo-config-generator, and namespaces come and go between releases.
const entryPoints = `
import json
from importlib import metadata
points = metadata.entry_points()
points = points.select(group='oslo.config.opts') if hasattr(points, 'select') else points.get('oslo.config.opts', [])
print(json.dumps(sorted({point.name for point in points})))
`

/** Asks which namespaces the machine's packages have. */
export const namespacesCommand = (limit: number): Command => ({ argv: ['python3', '-'], stdin: entryPoints, limit })

export const generatorCommand = (namespaces: readonly string[], limit: number): Command => ({
  argv: ['oslo-config-generator', '--format', 'json', ...namespaces.flatMap((name) => ['--namespace', name])] as Argv,
  limit,
})

/**
 * Asks the machine's own packages which options they know (3 to 5 s a service). `limit` in seconds, for each of the two
 * programs. Throws SwapError when none of the namespaces is there: the packages are not installed.
 */
export const askOptions = async (host: Host, namespaces: readonly string[], limit = 60): Promise<GeneratorOutput> => {
  const present = new Set<unknown>(await json<readonly unknown[]>(host, namespacesCommand(limit)))
  const wanted = [...new Set(namespaces)].filter((name) => present.has(name))
  if (wanted.length === 0)
    throw new SwapError(
      host.name,
      `none of the option lists ${namespaces.join(', ')} is installed`,
      `Install the target's packages first: swapctl prepare`,
    )
  return json<GeneratorOutput>(host, generatorCommand(wanted, limit))
}

const json = async <T>(host: Host, command: Command): Promise<T> => {
  const { code, stdout, stderr } = await host.run(command)
  const next = `Run ${command.argv[0]} on ${host.name} by hand and mend what it names; nothing was changed`
  if (code !== 0)
    throw new SwapError(host.name, `${command.argv[0]} exited ${code}: ${stderr.trim().split('\n').at(-1)}`, next)
  try {
    return JSON.parse(stdout) as T
  } catch (cause) {
    throw new SwapError(host.name, `${command.argv[0]} printed no JSON`, next, { cause })
  }
}
