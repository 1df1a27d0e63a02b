import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Context } from '../../context.ts'
import { existing } from '../../source/facts.ts'
import { catalog } from '../../source/facts-mariadb.ts'
import type { Question } from '../../source/question.ts'
import { settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, some, texts } from './once.ts'

export interface Certificate {
  readonly file: string
  readonly certificate: X509Certificate
}

/** Settings of the servers that stand before the services. */
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

/** Such lines alone leave the machine: private keys lie beside the settings. */
const mentions = 'SSLCertificateFile|ssl_certificate|^[[:space:]]*cert[[:space:]]*=|[[:space:]]crt[[:space:]]'

/** Paths of certificates that a server's settings name, comments left out. Pure. */
export const certificatePaths = (text: string): readonly string[] => {
  const live = text
    .split('\n')
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n')
  return [...new Set([...live.matchAll(naming)].map((match) => match[1] ?? match[2] ?? ''))]
}

/** Only certificates leave the machine: a file of haproxy's holds the private key too. */
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

/** `sed 1F`: a file's path, then what is in it. Of a chain only the first, the server's own, is of interest. Pure. */
export const certificatesOf = (text: string): readonly Certificate[] => {
  const found: Certificate[] = []
  for (const [, file = '', pem = ''] of text.matchAll(
    /^(\/[^\n]*)\n(-----BEGIN CERTIFICATE-----\n[\s\S]*?-----END CERTIFICATE-----)/gm,
  ))
    try {
      found.push({ file, certificate: new X509Certificate(pem) })
    } catch {
      // Not a certificate that anybody could use: the server that names it says so when it starts.
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
  // haproxy's crt may be a directory.
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
      return `${file} on the source ${days < 0 ? 'has ended' : 'ends'} on ${certificate.validTo}`
    })

/** Is this the name or address of the certificate? */
export const covers = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined

const names = async (context: Context): Promise<readonly string[]> => {
  if (!context.survey.source.schemas.some((one) => one.name === 'keystone' && one.tables > 0)) return []
  const urls = ((await once(context, 'source', catalog('keystone'))) ?? []).map(({ url }) =>
    url.replace(/[%$]\(.*$/, ''),
  )
  const secure = urls.filter((url) => /^https:/i.test(url) && URL.canParse(url)).map((url) => new URL(url).hostname)
  const hosts = [...new Set(secure.map((host) => host.replace(/^\[|\]$/g, '')))]
  if (hosts.length === 0) return []
  const found = await certificatesAt(context)
  // Where none is found, TLS ends elsewhere.
  if (found.length === 0) return []
  return hosts
    .filter((host) => !found.some(({ certificate }) => covers(certificate, host)))
    .map(
      (host) =>
        `the catalog says https://${host}, and none of the source's certificates is for it: ${some(found.map(({ file }) => file))}`,
    )
}

/** Options whose value is a file that another machine does not have by itself. */
const fileOption =
  /^(cafile|ca_file|ssl_ca_file|ssl_ca_certs|ssl_ca|certfile|cert_file|ssl_cert_file|keyfile|key_file|ssl_key_file|tls_cacertfile|tls_certfile|tls_keyfile)$/

/** The system's own, of a package that the target's packages need too. */
const bundle = '/etc/ssl/certs/ca-certificates.crt'

const files = async (context: Context): Promise<readonly string[]> => {
  const named = (await settingsAt(context, 'source')).filter(
    ({ key, value }) => fileOption.test(key) && value.startsWith('/') && value !== bundle,
  )
  const paths = [...new Set(named.map(({ value }) => value))]
  if (paths.length === 0) return []
  const trees = context.recipes.flatMap((recipe) => recipe.trees.map(({ path }) => `${path}/`))
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

/** Certificates, and the files of TLS. */
export const tlsChecks: readonly HostCheck[] = [
  {
    id: 'tls/expired',
    level: 'block',
    title: 'Certificates that end within two days',
    source: 'known failure P99',
    remedy: 'Renew it before the swap: nobody can tell afterwards which of the two broke the APIs',
    look: (context) => ending(context, Number.NEGATIVE_INFINITY, 2),
  },
  {
    id: 'tls/expires-soon',
    level: 'warn',
    title: 'Certificates that end within thirty days',
    source: 'known failure P99',
    remedy: 'Renew it, or note the day: the renewal has to run on the target after the cutover',
    look: (context) => ending(context, 2, 30),
  },
  {
    id: 'tls/names',
    level: 'warn',
    title: 'Certificates are for the names of the catalog',
    source: 'known failure P99; RFC 6125',
    remedy: 'Have a certificate made whose subjectAltName holds this name or address',
    look: names,
  },
  {
    id: 'tls/files',
    level: 'block',
    title: 'Files of TLS that the settings name',
    source: 'known failures P79 and P99',
    remedy: 'Copy the file to the target with owner and mode: the service would not start, or trust nobody',
    look: files,
  },
]
