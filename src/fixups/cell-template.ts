/** The values for nova's cell templates. A missing port is the word None, as Python writes it. */
type Parts = Readonly<Record<string, string>>

const netlocOf = (netloc: string): Parts => {
  const [, login = '', place = ''] = /^(?:(.*)@)?(.*)$/s.exec(netloc) ?? []
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(place) ?? []
  const colon = login.indexOf(':')
  return {
    username: colon < 0 ? login : login.slice(0, colon),
    password: colon < 0 ? 'None' : login.slice(colon + 1),
    hostname: bracketed ?? plain,
    port: port ?? 'None',
  }
}

/** Splits a URL like Python's urlparse: scheme, then up to the first '/', '?' or '#', path, query, fragment. */
const partsOf = (url: string): Parts | undefined => {
  const found = /^([A-Za-z][\w+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url)
  if (found === null) return undefined
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] = found
  const several = netloc.split(',').map(netlocOf)
  const numbered =
    several.length === 1
      ? []
      : several.flatMap((one, index) =>
          Object.entries(one).map(([key, value]) => [`${key}${index + 1}`, value] as const),
        )
  return {
    ...netlocOf(netloc),
    scheme,
    path: path.replace(/^\/+/, ''),
    query,
    fragment,
    ...Object.fromEntries(numbered),
  }
}

/** Names in braces for which the setting has no value; none: `url` is filled in. */
export interface Filled {
  readonly url: string
  readonly unknown: readonly string[]
}

/**
 * A cell's URL with its {names} filled in from the setting it stands for: transport_url or [database] connection. Text
 * without braces is unchanged. {hostname1}, {password2}, ... are the hosts of a setting that lists several, from 1.
 * Source: nova/objects/cell_mapping.py, CellMapping._format_url.
 */
export const fillTemplate = (url: string, setting: string | undefined): Filled => {
  const parts = setting === undefined ? undefined : partsOf(setting)
  const unknown: string[] = []
  const filled = url.replace(/\{(\w*)\}/g, (whole, name: string) => {
    const value = parts?.[name]
    if (value === undefined) unknown.push(name)
    return value ?? whole
  })
  return { url: filled, unknown: [...new Set(unknown)] }
}
