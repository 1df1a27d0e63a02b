import type { CheckContext } from '../ask/check.ts'
import { lines } from '../ask/question.ts'
import { python } from '../hosts/python.ts'
import { programText } from '../text/program.ts'
import type { HostCheck } from './host-check.ts'
import { once } from './once.ts'

/** Prints nothing of a line, which may contain a password. */
const program = programText('encoding.py', import.meta.url)

const look = async (context: CheckContext): Promise<readonly string[]> => {
  const folders = context.recipes.flatMap((recipe) => recipe.etc)
  if (folders.length === 0) return []
  const found = await once(context, 'source', {
    argv: ['sh', '-ec', `${python} "$@"`, 'encoding', ...folders],
    stdin: program,
    parse: lines,
  })
  return found ?? []
}

/** The encoding of the settings that are carried over. */
export const encodingChecks: readonly HostCheck[] = [
  {
    id: 'source/config-encoding',
    level: 'block',
    title: 'Config files are written in UTF-8',
    source: 'oslo_config/cfg.py, which opens config files as UTF-8 (python 3)',
    why: 'The services of the target would fail to read the file, or read another password.',
    remedy:
      "Convert the file to UTF-8 without a byte order mark (iconv -f ISO-8859-1 -t UTF-8): the target's services would fail to read it, or read another password",
    look,
  },
]
