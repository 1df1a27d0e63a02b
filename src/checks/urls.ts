import { block, type Check } from '../ask/check.ts'
import { isDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { transportHosts } from '../text/transport-url.ts'
import type { ConfFile } from '../transfer/oslo-conf.ts'
import { options, parse } from '../transfer/oslo-conf.ts'
import { once, texts } from './once.ts'

/** '[database] connection' for each option whose URL does not show where the password ends and the host begins. */
export const unreadableUrls = (file: ConfFile): readonly string[] =>
  options(file)
    .filter(({ key, value }) =>
      isDatabaseUrl(value)
        ? !value.startsWith('sqlite') && readDatabaseUrl(value).meant === undefined
        : /(?:^|_)transport_url$|^url$/.test(key) &&
          /^(?:rabbit|amqp|kombu)/i.test(value) &&
          transportHosts(value) === undefined,
    )
    .map(({ section, key }) => `[${section}] ${key}`)

const urls: Check['ask'] = async (context) => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const files = (await once(context, 'source', texts(etc, ['.conf']))) ?? new Map<string, string>()
  return [...files].flatMap(([path, text]) =>
    unreadableUrls(lenient(text, path)).map((option) =>
      block(
        `${path}, ${option}: the password of this URL hides where the host begins`,
        "On the source, write '@', '/', '?', '#', ',' and '%' of the password as %40, %2F, %3F, %23, %2C and %25: then old and new releases read it the same way",
      ),
    ),
  )
}

/** Another check reports a file that oslo.config cannot read. */
const lenient = (text: string, path: string): ConfFile => {
  try {
    return parse(text, path)
  } catch {
    return { parts: [] }
  }
}

/** URLs in the services' files that newer libraries parse differently. */
export const urlChecks: readonly Check[] = [
  {
    id: 'source/urls',
    level: 'block',
    title: 'URLs with a login can be read',
    source:
      "sqlalchemy/engine/url.py: up to 1.3 the last '@' ends the password, since 1.4 the first; oslo_messaging/transport.py",
    why: 'New libraries would read another host or password from the URL.',
    remedy: "Write '@', '/', '?', '#', ',' and '%' of the password as %40, %2F, %3F, %23, %2C and %25.",
    ask: urls,
  },
]
