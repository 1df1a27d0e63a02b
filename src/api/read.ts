import { refuse } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { programText } from '../text/program.ts'
import { type Access, accessOf, type Options, optionsOf } from './access.ts'
import { type CloudFile, cloudOf } from './clouds.ts'
import { readOpenrc } from './openrc.ts'

/** Prints the first of these files that exists: path, line feed, text; '~' is the home directory. */
const first = programText('first-file.sh', import.meta.url)

const fileOf = async (host: Host, paths: readonly string[]): Promise<CloudFile | undefined> => {
  const { code, stdout, stderr } = await host.run({ argv: ['sh', '-c', first, 'first', ...paths], limit: 60 })
  if (code === 44) return undefined
  const [path = ''] = stdout.split('\n', 1)
  if (code !== 0) throw refuse(host.name, `${path} cannot be read: ${stderr.trim()}`, 'Check who may read it')
  return { where: `${host.name}: ${path}`, text: stdout.slice(path.length + 1) }
}

/** Where openstacksdk looks for the file, for a root login. */
const places = (name: string, own?: string): readonly string[] => [
  ...(own === undefined ? [] : [own]),
  ...['~/', '~/.config/openstack/', '/etc/openstack/'].flatMap((folder) =>
    ['yaml', 'yml', 'json'].map((ending) => `${folder}${name}.${ending}`),
  ),
]

const readCloud = async (host: Host, options: Options, where: string): Promise<Options> => {
  const name = options['cloud']
  if (name === undefined) return {}
  const [clouds, secure, vendors] = [
    await fileOf(host, places('clouds', options['client_config_file'])),
    await fileOf(host, places('secure', options['client_secure_file'])),
    await fileOf(host, places('clouds-public', options['client_vendor_file'])),
  ]
  if (clouds === undefined)
    throw refuse(where, `OS_CLOUD=${name}: there is no clouds.yaml`, `Searched: ${places('clouds').join(', ')}`)
  const files = { clouds, ...(secure === undefined ? {} : { secure }), ...(vendors === undefined ? {} : { vendors }) }
  return optionsOf(cloudOf(files, name, options['region_name']))
}

const pem = async (host: Host, options: Options, name: 'cacert' | 'cert' | 'key'): Promise<string | undefined> => {
  const path = options[name]
  if (path === undefined) return undefined
  const found = await fileOf(host, [path])
  if (found?.text.includes('-----BEGIN ')) return found.text
  const says = found === undefined ? 'is not there' : 'holds no PEM certificate or key'
  throw refuse(`${host.name}: ${path}`, `OS_${name.toUpperCase()}: the file ${says}`, "Fix the admin's openrc file")
}

/**
 * How the admin of an openrc file logs in: reads the file, the clouds.yaml it may name, and the certificates of both on
 * the machine that has them. As in openstackclient, openrc takes precedence over the cloud.
 */
export const readAccess = async (host: Host, path: string): Promise<Access> => {
  const where = `${host.name}: ${path}`
  const own = optionsOf(await readOpenrc(host, path))
  const options = { ...(await readCloud(host, own, where)), ...own }
  const [ca, cert, key] = [
    await pem(host, options, 'cacert'),
    await pem(host, options, 'cert'),
    await pem(host, options, 'key'),
  ]
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
  return accessOf(options, tls, where)
}
