import type { Of } from '../engine/step.ts'
import { failed } from './command.ts'
import type { Host } from './host.ts'
import { encode } from './text.ts'

/**
 * Beside the file, then renamed over it: whoever reads it sees the old or the new content, never a part. A link is
 * written through. The length is compared because a connection that breaks looks like the end of the content.
 */
const writeScript = `set -e
path=$(readlink -f -- "$1" || printf %s "$1")
mkdir -p -- "$(dirname -- "$path")"
umask 077
new=$(mktemp -- "$path.XXXXXX")
trap 'rm -f -- "$new"' EXIT
cat > "$new"
test "$(wc -c < "$new")" -eq "$4" || { echo "the content broke off" >&2; exit 1; }
chown -- "$3" "$new"
chmod -- "$2" "$new"
sync -- "$new" 2>/dev/null || true
mv -f -- "$new" "$path"
trap - EXIT`

/** Writes a file whole or not at all. Throws SwapError with what the machine said. */
export const runWrite = async (action: Of<'write'>, host: Host): Promise<void> => {
  const { path, mode, owner = 'root:root', content } = action
  const length = String(encode(content).length)
  const output = await host.run({
    argv: ['sh', '-c', writeScript, 'write', path, mode, owner, length],
    stdin: content,
    limit: 120,
  })
  if (output.code !== 0) throw failed(host, ['write', path], output)
}
