import { SwapError } from '../errors.ts'
import type { Command, Host } from '../hosts/host.ts'
import { defaultLimits } from '../limits.ts'
import type { Tls } from './access.ts'

export interface Answer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

export interface RequestOptions {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** seconds for the complete answer */
  readonly limit?: number
  readonly tls?: Tls
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** curl's config from stdin: headers and body are in it, so that no token is visible in a process list. */
const settingsOf = (url: string, { token, body, headers = {}, limit = defaultLimits.api }: RequestOptions): string => {
  const sent: Record<string, string> = {
    Accept: 'application/json',
    ...headers,
    ...(token === undefined ? {} : { 'X-Auth-Token': token }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  }
  return [
    'silent',
    'show-error',
    'include',
    `max-time = ${limit}`,
    `url = ${quoted(url)}`,
    ...(body === undefined ? [] : [`data-binary = ${quoted(JSON.stringify(body))}`]),
    ...Object.entries(sent).map(([name, value]) => `header = ${quoted(`${name}: ${value}`)}`),
    '',
  ].join('\n')
}

const end = 'SWAPCTL_END_OF_TEXT'

/**
 * Shell text for a file that is deleted before curl starts and read through its descriptor, so nothing is left if curl
 * is killed.
 */
const asFile = (text: string, descriptor: number): string =>
  `file=$(mktemp) || exit 2
cat > "$file" <<'${end}'
${text.trimEnd()}
${end}
exec ${descriptor}< "$file"
rm -f "$file"
`

/** The shell program for stdin: creates the TLS files, then runs curl. */
const withFiles = (settings: string, { ca, cert, key, insecure }: Tls): string => {
  const files = [ca, cert, key].map((text, index) => (text === undefined ? '' : asFile(text, index + 3))).join('')
  const words = [
    ...(insecure === true ? ['--insecure'] : []),
    ...(ca === undefined ? [] : ['--cacert /proc/self/fd/3']),
    ...(cert === undefined ? [] : ['--cert /proc/self/fd/4']),
    ...(key === undefined ? [] : ['--key /proc/self/fd/5']),
  ].join(' ')
  return `umask 077\n${files}exec curl --noproxy '*' ${words} --config - <<'${end}'\n${settings}${end}\n`
}

const commandOf = (settings: string, tls: Tls = {}): Pick<Command, 'argv' | 'stdin'> =>
  Object.keys(tls).length === 0
    ? { argv: ['curl', '--noproxy', '*', '--config', '-'], stdin: settings }
    : { argv: ['sh', '-s'], stdin: withFiles(settings, tls) }

/** curl's exit codes for a rejected certificate, the server's or ours. */
const tlsFailures = new Set([35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91])

const nextOf = (code: number): string =>
  tlsFailures.has(code)
    ? 'The certificate of this URL must be signed by the CA in OS_CACERT of the openrc file, or by one the machine trusts'
    : code === 28
      ? 'Check whether the service is busy; [limits] api in the settings sets a longer limit'
      : 'Check whether the service runs'

/** One HTTP request by curl on `host`. Throws SwapError when there is no complete answer. */
export const request = async (host: Host, url: string, options: RequestOptions = {}): Promise<Answer> => {
  const { limit = defaultLimits.api } = options
  const command = commandOf(settingsOf(url, options), options.tls)
  const { code, stdout, stderr } = await host.run({ ...command, limit: limit + 30 })
  if (code !== 0)
    throw new SwapError(`${host.name}: ${url}`, stderr.trim() || `curl ended with ${code}`, nextOf(code), {
      final: tlsFailures.has(code),
      details: { curl: code },
    })
  return parseAnswer(stdout)
}

/** Parses curl --include output: the last header block counts (100-continue comes before it). */
export const parseAnswer = (text: string): Answer => {
  let rest = text
  let headers = ''
  while (/^HTTP\/\S+ \d+/.test(rest)) {
    const end = rest.search(/\r?\n\r?\n/)
    headers = end < 0 ? rest : rest.slice(0, end)
    rest = end < 0 ? '' : rest.slice(end).replace(/^\r?\n\r?\n/, '')
  }
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(headers)?.[1] ?? 0), headers, body: rest }
}

/** Whether a status may be temporary, while a service or one that it calls starts. */
export const mayPass = (status: number): boolean => status === 408 || status === 429 || status >= 500
