import type { Package } from '../ask/facts.ts'
import { ask, lines, type Question } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'

/** Package lists fetched only for reading: in memory, and removed afterwards. */
const lists = '/run/swapctl-apt'
const apart = ['-o', `Dir::State::Lists=${lists}`, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache=']

const policy = (names: readonly string[], options: readonly string[]): Question<readonly Package[]> => ({
  argv: ['apt-cache', ...options, 'policy', ...names],
  parse: parsePolicy,
})

/** Parses `apt-cache policy`: each package with its candidate version; packages without one are left out. */
export const parsePolicy = (text: string): readonly Package[] => {
  const found: Package[] = []
  let name = ''
  for (const line of lines(text)) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name
    const version = /^ {2}Candidate: (.+)$/.exec(line)?.[1]
    if (version !== undefined && version !== '(none)') found.push({ name, source: '', version })
  }
  return found
}

/**
 * What apt would install for these names: from the existing lists, or from fresh ones when those do not know all names.
 */
export const askOffers = async (host: Host, names: readonly string[]): Promise<readonly Package[]> => {
  const known = await ask(host, policy(names, []))
  if (known.length === names.length) return known
  try {
    await ask(host, { argv: ['install', '-d', '-m', '0755', `${lists}/partial`], parse: () => true })
    await ask(host, { argv: ['apt-get', '-q', ...apart, 'update'], parse: () => true })
    return await ask(host, policy(names, apart))
  } finally {
    await host.run({ argv: ['rm', '-rf', lists] })
  }
}
