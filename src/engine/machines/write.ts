import type { Host } from '../../hosts/host.ts'
import { encode } from '../../hosts/text.ts'
import { programText } from '../../text/program.ts'
import type { Of } from '../step.ts'
import { failed } from './command.ts'

/**
 * Writes a temporary file and renames it, so that readers see the old or the new content, never a part. Follows a
 * symbolic link. The length is compared because a broken connection looks like the end of the content.
 */
const writeScript = programText('write.sh', import.meta.url)

/** Writes a file atomically. Throws SwapError with the machine's error output. */
export const runWrite = async (action: Of<'write'>, host: Host): Promise<void> => {
  // On the operator's machine swapctl need not run as root, and files keep the operator as owner.
  const { path, mode, owner = host.name === 'local' ? '' : 'root:root', content } = action
  const length = String(encode(content).length)
  const output = await host.run({
    argv: ['sh', '-c', writeScript, 'write', path, mode, owner, length],
    stdin: content,
    limit: 120,
  })
  if (output.code !== 0) throw failed(host, ['write', path], output)
}
