import type { Host } from '../../hosts/host.ts'
import { encode } from '../../hosts/text.ts'
import { programText } from '../../text/program.ts'
import type { Of } from '../step.ts'
import { failed } from './command.ts'

/**
 * Beside the file, then renamed over it: whoever reads it sees the old or the new content, never a part. A link is
 * written through. The length is compared because a connection that breaks looks like the end of the content.
 */
const writeScript = programText('write.sh', import.meta.url)

/** Writes a file whole or not at all. Throws SwapError with what the machine said. */
export const runWrite = async (action: Of<'write'>, host: Host): Promise<void> => {
  // Here the operator need not be root, and what is theirs stays theirs.
  const { path, mode, owner = host.name === 'local' ? '' : 'root:root', content } = action
  const length = String(encode(content).length)
  const output = await host.run({
    argv: ['sh', '-c', writeScript, 'write', path, mode, owner, length],
    stdin: content,
    limit: 120,
  })
  if (output.code !== 0) throw failed(host, ['write', path], output)
}
