import type { AskSource, Composition, Made } from '../../services/options.ts'

/** As RFC 3986 wants user and password in a URL. In oslo.config's files $$ and \$ stand for one dollar. */
const quoted = (text: string): string =>
  encodeURIComponent(text.replace(/\$\$|\\\$/g, '$')).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const rabbitSections = ['DEFAULT', 'oslo_messaging_rabbit']

const transportUrl = (ask: AskSource): readonly Made[] => {
  const rabbit = (name: string, otherwise: string): string => ask(rabbitSections, `rabbit_${name}`) ?? otherwise
  const account = `${quoted(rabbit('userid', 'guest'))}:${quoted(rabbit('password', 'guest'))}`
  const port = rabbit('port', '5672')
  const hosts = rabbit('hosts', rabbit('host', 'localhost'))
  const words = hosts.split(',').map((host) => host.trim())
  const urls = words.filter(Boolean).map((host) => `${account}@${/:\d+$/.test(host) ? host : `${host}:${port}`}`)
  const vhost = rabbit('virtual_host', '/')
  return [
    {
      section: 'DEFAULT',
      name: 'transport_url',
      value: `rabbit://${urls.join(',')}/${vhost === '/' ? '' : quoted(vhost)}`,
    },
  ]
}

/** Of every service's file; what is one service's own stands in its folder. */
export const commonCompositions: readonly Composition[] = [
  {
    project: '*',
    sections: rabbitSections,
    uses: ['rabbit_host', 'rabbit_hosts', 'rabbit_port', 'rabbit_userid', 'rabbit_password', 'rabbit_virtual_host'],
    unless: [['DEFAULT', 'transport_url']],
    reason: 'gone in stein (oslo.messaging 9): transport_url names the broker',
    make: transportUrl,
  },
]
