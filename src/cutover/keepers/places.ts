import type { Edited } from './manager.ts'

/**
 * Directories from which a program reads files, the most important first: a file hides those of the same name in later
 * ones (systemd.network(5), netplan(5)).
 */
export const networkdPlaces = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map(
  (at) => `${at}/systemd/network`,
)
export const netplanPlaces = ['/run/netplan', '/etc/netplan', '/lib/netplan']

/** The same profile in two of them: NetworkManager goes by its UUID, not by its name (nm-settings-keyfile(5)). */
export const profilePlaces = ['/etc', '/run', '/usr/lib'].map((at) => `${at}/NetworkManager/system-connections`)

/** 'x.network.d/y.conf' of a path in one of the places. */
export const nameIn = (places: readonly string[], path: string): string | undefined => {
  const place = places.find((one) => path.startsWith(`${one}/`))
  return place === undefined ? undefined : path.slice(place.length + 1)
}

/** Paths that no file of the same name hides, the most important place first. */
export const shownIn = (places: readonly string[], paths: readonly string[]): readonly string[] => {
  const byName = new Map<string, string>()
  for (const place of places)
    for (const path of paths.filter((one) => one.startsWith(`${place}/`))) {
      const name = path.slice(place.length + 1)
      if (!byName.has(name)) byName.set(name, path)
    }
  return [...byName.values()]
}

/** Files of networkd that count: .network files and their drop-ins. */
export const isOfNetworkd = (path: string): boolean =>
  /^[^/]+\.network(\.d\/[^/]+\.conf)?$/.test(nameIn(networkdPlaces, path) ?? '')

/** netplan writes these at boot from its own files, which say the same. */
export const isOfNetplan = (path: string): boolean =>
  /^\/run\/.*\/(10-netplan-[^/]+\.network|netplan-[^/]+)$/.test(path)

const replaced: Partial<Readonly<Record<Edited, readonly string[]>>> = {
  networkd: networkdPlaces,
  netplan: netplanPlaces,
}

/**
 * Where the new content of a file goes: a file of a package in /usr is left alone, and one of the same name in /etc
 * replaces it. Undefined for a file that is neither there nor in /etc.
 */
export const placeFor = (kind: Edited, path: string): string | undefined => {
  if (path.startsWith('/etc/')) return path
  const places = replaced[kind] ?? []
  const name = /^(\/usr(\/local)?)?\/lib\//.test(path) ? nameIn(places, path) : undefined
  return name === undefined ? undefined : `${places.find((one) => one.startsWith('/etc/'))}/${name}`
}
