import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'

/** A file's text; undefined when it does not exist. Throws when it cannot be read for another reason. */
export const readText = async (host: Host, path: string): Promise<string | undefined> => {
  const { code, stdout, stderr } = await host.run({ argv: ['cat', '--', path], limit: 60 })
  if (code === 0) return stdout
  const there = await host.run({ argv: ['test', '-e', path], limit: 60 })
  if (there.code === 1) return undefined
  throw new SwapError(
    host.name,
    `${path} cannot be read: ${stderr.trim()}`,
    'Make it readable for the ssh user; nothing was changed',
  )
}
