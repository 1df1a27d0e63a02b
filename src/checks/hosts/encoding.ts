import { python } from '../../cutover/announce.ts'
import type { CheckContext } from '../../source/check.ts'
import { lines } from '../../source/question.ts'
import type { HostCheck } from './host-check.ts'
import { once } from './once.ts'

/** Nothing of a line is printed: it may hold a password. */
const program = `
import io, os, sys
for top in sys.argv[1:]:
    for folder, folders, names in os.walk(top):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(('.conf', '.ini')) or not os.path.isfile(path):
                continue
            data = io.open(path, 'rb').read()
            what = 'begins with a byte order mark' if data[:3] == b'\\xef\\xbb\\xbf' else None
            if b'\\0' in data:
                what = 'has bytes that are zero, as UTF-16 has'
            for number, line in enumerate(data.split(b'\\n')):
                try:
                    line.decode('utf-8')
                except UnicodeDecodeError:
                    what = what or 'is not UTF-8 at line %d' % (number + 1)
                    break
            if what:
                print('%s %s' % (path, what))
`

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

/** How the settings that are carried are written. */
export const encodingChecks: readonly HostCheck[] = [
  {
    id: 'source/config-encoding',
    level: 'block',
    title: 'Settings are written in UTF-8',
    source: 'oslo_config/cfg.py, which opens config files as UTF-8 (python 3); known failure P38',
    remedy:
      "Write the file anew in UTF-8 without a mark (iconv -f ISO-8859-1 -t UTF-8): the target's services would not read it, or another password",
    look,
  },
]
