import { access, writeFile } from 'node:fs/promises'
import type { Config, Machine } from '../config.ts'
import { refuse } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { fetchHostKey } from '../hosts/hostkey.ts'
import { openHosts } from '../hosts/hosts.ts'
import { askAddresses } from '../source/facts.ts'
import { type Found, settingsText } from './init-text.ts'
import type { Options } from './session.ts'

export interface InitOptions extends Options {
  readonly source: string
  readonly target: string
  /** 'cmp1=root@10.0.0.13' */
  readonly compute: readonly string[]
  readonly release: string
  readonly key: string
}

/** Asks the hosts for their keys and addresses, and writes the settings with everything it found, to be looked at. */
export const init = async (options: InitOptions): Promise<void> => {
  if (options.dryRun !== true) await refuseExisting(options.config)
  const source = await machineAt('source', options.source, options.key)
  const target = await machineAt('target', options.target, options.key)
  const computes = await Promise.all(options.compute.map((text) => computeAt(text, options.key)))
  const hosts = openHosts(emptyConfig(options, source, target, computes))
  try {
    const found: Found = {
      release: options.release,
      key: options.key,
      source,
      target,
      computes,
      sourceAddresses: await askAddresses(hosts('source')),
      targetAddresses: await askAddresses(hosts('target')),
      endpointHosts: await askEndpointHosts(hosts('source')),
    }
    const text = settingsText(found)
    if (options.dryRun === true) process.stdout.write(text)
    else await writeFile(options.config, text, { mode: 0o600, flag: 'wx' })
  } finally {
    await hosts.close()
  }
  if (options.dryRun !== true)
    process.stdout.write(
      `${options.config} is written. Compare the host keys with the machines' own, look it through, then: swapctl prepare\n`,
    )
}

const refuseExisting = async (path: string): Promise<void> => {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists) throw refuse(path, 'is there already', 'Name another file with --config, or remove it')
}

const machineAt = async (name: string, text: string, key: string): Promise<Machine> => {
  const match = /^(?:([^@\s]+)@)?([A-Za-z0-9.:-]+)$/.exec(text)
  if (match === null) throw refuse(`--${name}`, `'${text}' is no user@host`, 'Write for instance root@10.0.0.11')
  const host = match[2] as string
  return {
    name,
    host,
    port: 22,
    user: match[1] ?? 'root',
    key: key.replace(/^~/, process.env['HOME'] ?? '~'),
    hostKey: await fetchHostKey(host, 22),
  }
}

const computeAt = async (text: string, key: string): Promise<Machine> => {
  const [name = '', at = ''] = text.split('=')
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name))
    throw refuse('--compute', `'${text}' is no NAME=user@host`, 'Write for instance cmp1=root@10.0.0.13')
  return { ...(await machineAt('compute', at, key)), name }
}

/** Host parts of the public endpoints in the source's keystone: an address among them is one that has to move. */
const askEndpointHosts = async (source: Host): Promise<readonly string[]> => {
  const { code, stdout } = await source.run({
    argv: ['mysql', '--batch', '--skip-column-names', '-e', 'SELECT DISTINCT url FROM keystone.endpoint'],
    limit: 30,
  })
  return code === 0
    ? [...new Set([...stdout.matchAll(/:\/\/\[?([0-9a-fA-F.:]+?)\]?(?::\d+)?(?:\/|$)/gm)].map((m) => m[1] as string))]
    : []
}

const emptyConfig = (options: InitOptions, source: Machine, target: Machine, computes: readonly Machine[]): Config => ({
  file: options.config,
  name: 'init',
  state: '',
  release: options.release,
  source: { ...source, openrc: '/root/openrc' },
  target,
  addresses: [],
  counterparts: [],
  hops: [],
  computes,
  parallel: 1,
})
