// Reads from clones of OpenStack's projects which calls each release's schema tools accept:
// test/fixtures/tool-facts.tsv.
// Use: npm run build, node tools/tool-facts.mjs DIR > test/fixtures/tool-facts.tsv, with DIR/PROJECT a git directory
// that has the tags.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { releases } from '../dist/src/releases/release.js'
import { recipes } from '../dist/src/services/index.js'

/** Files of the tool's parser, oldest last, and the categories of calls that are read. */
const sources = {
  keystone: { files: ['keystone/cmd/cli.py', 'keystone/cli.py'] },
  glance: { files: ['glance/cmd/manage.py', 'bin/glance-manage'], categories: { DbCommands: 'db' } },
  placement: { files: ['placement/cmd/manage.py'], under: 'db' },
  neutron: { files: ['neutron/db/migration/cli.py', 'quantum/db/migration/cli.py'] },
  cinder: { files: ['cinder/cmd/manage.py', 'bin/cinder-manage'], categories: { DbCommands: 'db' } },
  nova: {
    files: ['nova/cmd/manage.py', 'bin/nova-manage'],
    categories: { DbCommands: 'db', ApiDbCommands: 'api_db', CellV2Commands: 'cell_v2' },
  },
  heat: { files: ['heat/cmd/manage.py', 'bin/heat-manage'] },
  barbican: {
    files: ['barbican/cmd/barbican_manage.py', 'barbican/cmd/db_manage.py', 'bin/barbican-db-manage.py'],
    categories: { DbCommands: 'db' },
  },
}

const git = (directory, ...words) =>
  execFileSync('git', ['-C', directory, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const textAt = (directory, tag, files) => {
  for (const file of files) {
    try {
      return git(directory, 'show', `${tag}:${file}`)
    } catch {
      // another release's file
    }
  }
  return undefined
}

/** First and last final version of a release: '14.0.0' and '14.1.0', '2013.2' and '2013.2.4'. */
const tagsOf = (all, { first }, release) => {
  const start = releases.findIndex(({ name }) => name === first.release)
  const major = first.major + release.index - start
  const old = release.index < start
  if (old && first.began) return []
  const word = old ? release.number.replace('.', '\\.') : String(major)
  const final = all.filter((tag) => new RegExp(`^${word}(\\.\\d+)*$`).test(tag))
  const order = (tag) =>
    tag.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0) * 1000 ** (4 - tag.split('.').length)
  final.sort((a, b) => order(a) - order(b))
  return final.length === 0 ? [] : [...new Set([final[0], final.at(-1)])]
}

/** The text of a call's arguments, from its opening bracket. */
const inBrackets = (text, from) => {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    if (depth === 0) return text.slice(from + 1, at)
  }
  return text.slice(from + 1)
}

/** '--version' | 'revision' (required) | '[version]' (optional); '!' before a required option */
const argument = (call) => {
  const words = [...call.matchAll(/(?:^|,)\s*u?(['"])(-{0,2}[A-Za-z][\w-]*)\1/g)].map((match) => match[2])
  const long = words.find((word) => word.startsWith('--')) ?? words[0]
  if (long === undefined) return []
  if (long.startsWith('-')) return [/required=True/.test(call) ? `!${long}` : long]
  return [/nargs='[?*]'/.test(call) ? `[${long}]` : long]
}

/** nova, cinder, glance: command classes whose methods have @args. */
const decorated = (text, categories) => {
  const found = []
  let category
  let pending = []
  const lines = /^class (\w+)|^ {4}@args(\()|^ {4}def ([a-z]\w*)\(/gm
  for (const match of text.matchAll(lines)) {
    if (match[1] !== undefined) category = categories[match[1]]
    if (match[1] !== undefined) pending = []
    if (match[2] !== undefined) pending.push(...argument(inBrackets(text, match.index + match[0].length - 1)))
    if (match[3] === undefined) continue
    if (category !== undefined) found.push([`${category} ${match[3]}`, pending])
    pending = []
  }
  return found
}

/** The others: parsers created in sequence, or keystone's classes with a name. */
const parsers = (text, under) => {
  const found = []
  const byClass = new Map()
  let loop = []
  let current = []
  const calls =
    /^class (\w+)\((\w+)\)|for name in \[([^\]]*)\]|add_parser\(\s*(?:['"]([\w-]+)['"]|(name))|add_alembic_subparser\(\w+, (?:'(\w+)'|(name))\)|^ {4}name = ['"](\w+)['"]|\.add_argument(\()|add_branch_options\(parser\)/gm
  for (const match of text.matchAll(calls)) {
    const [all, own, base, names, parser, inLoop, alembic, alembicLoop, named, open] = match
    const name = parser ?? alembic ?? named
    // keystone: a command class inherits from its base class
    if (own !== undefined) {
      current = [...(byClass.get(base) ?? [])]
      byClass.set(own, current)
    } else if (named !== undefined && byClass.size > 0) found.push([named, current])
    else if (names !== undefined) loop = [...names.matchAll(/'(\w+)'/g)].map((one) => one[1])
    else if (name !== undefined || inLoop !== undefined || alembicLoop !== undefined) {
      current = []
      for (const one of name === undefined ? loop : [name]) found.push([one, current])
    } else if (open !== undefined) current.push(...argument(inBrackets(text, match.index + all.length - 1)))
    else current.push('--expand', '--contract')
  }
  return found
    .filter(([name]) => name !== under)
    .map(([name, args]) => [under === undefined ? name : `${under} ${name}`, args])
}

const callsOf = (text, { categories, under }) => {
  const told = categories === undefined ? [] : decorated(text, categories)
  const listed =
    categories === undefined || told.length === 0 || /add_parser\('db_/.test(text) ? parsers(text, under) : []
  return new Map([...told, ...listed].map(([call, args]) => [call, [...new Set(args)].sort().join(' ')]))
}

/** 'grizzly-mitaka newton@14.0.0': whole releases, and releases of which only the first or last version is meant. */
const spans = (found) => {
  const told = []
  let first
  releases.forEach(({ name, index }) => {
    const next = releases[index + 1]?.name
    if (found.get(name) !== undefined && found.get(name) !== '') told.push(`${name}@${found.get(name)}`)
    if (found.get(name) !== '') return
    first ??= name
    if (found.get(next) === '') return
    told.push(first === name ? name : `${first}-${name}`)
    first = undefined
  })
  return told.join(' ')
}

const directory = process.argv[2] ?? '.'
const rows = []
for (const {
  release: { project, first },
} of recipes) {
  const clone = join(directory, project)
  const all = git(clone, 'tag').split('\n')
  const seen = new Map()
  for (const release of releases) {
    const tags = tagsOf(all, { first }, release)
    const found = tags.map((tag) => callsOf(textAt(clone, tag, sources[project].files) ?? '', sources[project]))
    tags.forEach((tag, index) => {
      for (const [call, args] of found[index]) {
        const key = [project, call, args].join('\t')
        const whole = found.every((one) => one.get(call) === args)
        seen.set(key, (seen.get(key) ?? new Map()).set(release.name, whole ? '' : tag))
      }
    })
  }
  rows.push(...[...seen].map(([key, where]) => `${key}\t${spans(where)}`).sort())
}
console.log(['project\tcall\targuments\treleases', ...rows].join('\n'))
