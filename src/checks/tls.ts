import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { filledCatalog } from '../ask/catalog.ts'
import { existing } from '../ask/facts.ts'
import { catalog } from '../ask/facts-mariadb.ts'
import type { Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { some } from '../text/some.ts'
import { settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'
import { treesOf } from './trees.ts'

export interface Certificate {
  readonly file: string
  readonly certificate: X509Certificate
}

/** Settings of servers in front of the services. */
const serverFiles = [
  '/etc/haproxy',
  '/etc/apache2/sites-enabled',
  '/etc/apache2/conf-enabled',
  '/etc/httpd/conf.d',
  '/etc/nginx',
  '/etc/stunnel',
]

/** Options of haproxy, apache, nginx, stunnel and oslo.service that name a certificate. */
const naming =
  /^\s*(?:SSLCertificateFile|ssl_certificate|cert|certfile|cert_file|ssl_cert_file)(?:\s*=\s*|\s+)["']?(\/[^\s"';]+)|\scrt\s+(\/\S+)/gm

/** Only such lines are read from the machine, because private keys may be next to the settings. */
const mentions = 'SSLCertificateFile|ssl_certificate|^[[:space:]]*cert[[:space:]]*=|[[:space:]]crt[[:space:]]'

/** Certificate paths in a server's settings, without comments. */
export const certificatePaths = (text: string): readonly string[] => {
  const live = text
    .split('\n')
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n')
  return [...new Set([...live.matchAll(naming)].map((match) => match[1] ?? match[2] ?? ''))]
}

/** Only certificates are read from the machine: a haproxy file also holds the private key. */
const certificatesIn = (paths: readonly string[]): Question<readonly Certificate[]> => ({
  argv: [
    'sed',
    '-s',
    '-n',
    '-e',
    '1F',
    '-e',
    '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p',
    '--',
    ...paths,
  ],
  codes: [1, 2, 4],
  parse: certificatesOf,
})

/** Parses `sed 1F`: a file's path, then its content. Only the first certificate of a chain counts, the server's own. */
export const certificatesOf = (text: string): readonly Certificate[] => {
  const found: Certificate[] = []
  for (const [, file = '', pem = ''] of text.matchAll(
    /^(\/[^\n]*)\n(-----BEGIN CERTIFICATE-----\n[\s\S]*?-----END CERTIFICATE-----)/gm,
  ))
    try {
      found.push({ file, certificate: new X509Certificate(pem) })
    } catch {
      // Not a valid certificate; its server reports that when it starts.
    }
  return found
}

const certificatesAt = async (context: Context): Promise<readonly Certificate[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  const [servers, services] = await Promise.all([
    once(context, 'source', texts(serverFiles, [], mentions)),
    etc.length === 0 ? undefined : once(context, 'source', texts(etc, ['.conf', '.ini'])),
  ])
  const named = [...(servers?.values() ?? []), ...(services?.values() ?? [])].flatMap(certificatePaths)
  if (named.length === 0) return []
  // haproxy's crt may name a directory.
  const files = await once(context, 'source', {
    argv: ['find', '-L', ...new Set(named), '-maxdepth', '1', '-type', 'f'],
    codes: [1],
    parse: (text) => text.split('\n').filter((path) => path !== '' && !/\.key$/.test(path)),
  })
  return files === undefined || files.length === 0 ? [] : ((await once(context, 'source', certificatesIn(files))) ?? [])
}

const day = 86_400_000
const left = (certificate: X509Certificate): number => (Date.parse(certificate.validTo) - Date.now()) / day

const ending = async (context: Context, from: number, to: number): Promise<readonly string[]> =>
  (await certificatesAt(context))
    .filter(({ certificate }) => left(certificate) >= from && left(certificate) < to)
    .map(({ file, certificate }) => {
      const days = left(certificate)
      return `${file} on the source ${days < 0 ? 'expired' : 'expires'} on ${certificate.validTo}`
    })

/** Whether a certificate is valid for a name or address. */
export const covers = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined

const names = async (context: Context): Promise<readonly string[]> => {
  const database = filledCatalog(context.survey)
  if (database === undefined) return []
  const urls = ((await once(context, 'source', catalog(database))) ?? []).map(({ url }) => url.replace(/[%$]\(.*$/, ''))
  const secure = urls.filter((url) => /^https:/i.test(url) && URL.canParse(url)).map((url) => new URL(url).hostname)
  const hosts = [...new Set(secure.map((host) => host.replace(/^\[|\]$/g, '')))]
  if (hosts.length === 0) return []
  const found = await certificatesAt(context)
  // Without any certificate here, TLS ends elsewhere.
  if (found.length === 0) return []
  return hosts
    .filter((host) => !found.some(({ certificate }) => covers(certificate, host)))
    .map(
      (host) =>
        `the catalog has https://${host}, but no certificate of the source is for that host: ${some(found.map(({ file }) => file))}`,
    )
}

/** Options that name a file which other machines do not have by default. */
const fileOption =
  /^(cafile|ca_file|ssl_ca_file|ssl_ca_certs|ssl_ca|certfile|cert_file|ssl_cert_file|keyfile|key_file|ssl_key_file|tls_cacertfile|tls_certfile|tls_keyfile)$/

/** The system's bundle, from a package that the target needs anyway. */
const bundle = '/etc/ssl/certs/ca-certificates.crt'

const files = async (context: Context): Promise<readonly string[]> => {
  const named = (await settingsAt(context, 'source')).filter(
    ({ key, value }) => fileOption.test(key) && value.startsWith('/') && value !== bundle,
  )
  const paths = [...new Set(named.map(({ value }) => value))]
  if (paths.length === 0) return []
  const trees = (await treesOf(context)).map((path) => `${path}/`)
  const [here = [], there = []] = await Promise.all([
    once(context, 'source', existing(paths)),
    once(context, 'target', existing(paths)),
  ])
  return named
    .filter(
      ({ value }) => here.includes(value) && !there.includes(value) && !trees.some((tree) => value.startsWith(tree)),
    )
    .map(({ file, key, value }) => `${key} in ${file} names ${value}, which the target does not have`)
}

export const tlsChecks: readonly HostCheck[] = [
  {
    id: 'tls/expired',
    level: 'block',
    title: 'No certificate expires within two days',
    source: 'RFC 5280, 4.1.2.5: validity',
    why: 'Clients would refuse the APIs, and the swap would look like the cause.',
    remedy: 'Renew it before the swap',
    look: (context) => ending(context, Number.NEGATIVE_INFINITY, 2),
  },
  {
    id: 'tls/expires-soon',
    level: 'warn',
    title: 'No certificate expires within thirty days',
    source: 'RFC 5280, 4.1.2.5: validity',
    why: 'An automatic renewal on the old controller would not reach the new one.',
    remedy: 'Renew it, or plan the renewal on the target after the cutover',
    look: (context) => ending(context, 2, 30),
  },
  {
    id: 'tls/names',
    level: 'warn',
    title: 'Certificates name the hosts of the catalog',
    source: 'RFC 6125: the name in a certificate',
    why: 'Clients would refuse the connection.',
    remedy: 'Get a certificate with this name or address in its subjectAltName',
    look: names,
  },
  {
    id: 'tls/files',
    level: 'block',
    title: 'TLS files named in the settings exist on the target',
    source: 'https://docs.openstack.org/keystoneauth/latest/: cafile, certfile, keyfile',
    why: 'The service would not start, or would trust no certificate.',
    remedy: 'Copy the file to the target with owner and mode',
    look: files,
  },
]
