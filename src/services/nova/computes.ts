import { type Release, releaseNamed } from '../../releases/release.ts'
import type { ReleaseName } from '../../releases/series.ts'
import type { ComputeRule } from '../computes.ts'

/** What this release's nova can do with computes of other releases. Source: nova at the release's tag. */
interface Nova {
  /** SERVICE_VERSION in nova/objects/service.py, which computes write to services.version; 0 before liberty */
  readonly version: number
  /** version of the RPC API that its computes answer (compute/rpcapi.py, VERSION_ALIASES) */
  readonly rpc: string
  /** major versions of that API that its controllers can use (_get_compat_version, _compat_ver, _ver) */
  readonly speaks: readonly number[]
  /**
   * the oldest release of computes with which its services start (OLDEST_SUPPORTED_SERVICE_VERSION,
   * raise_if_old_compute)
   */
  readonly oldest?: ReleaseName
}

const row = (version: number, rpc: string, speaks: readonly number[], oldest?: ReleaseName): Nova => ({
  version,
  rpc,
  speaks,
  ...(oldest ? { oldest } : {}),
})

const novas: Readonly<Record<ReleaseName, Nova>> = {
  grizzly: row(0, '2.27', [2]),
  havana: row(0, '2.47', [2]),
  icehouse: row(0, '3.23', [2, 3]),
  juno: row(0, '3.35', [3]),
  kilo: row(0, '4.0', [3, 4]),
  liberty: row(2, '4.5', [4]),
  mitaka: row(9, '4.11', [4]),
  newton: row(15, '4.13', [4]),
  ocata: row(16, '4.13', [4]),
  pike: row(22, '4.17', [4]),
  queens: row(30, '5.0', [4, 5]),
  rocky: row(35, '5.0', [5]),
  stein: row(37, '5.1', [5]),
  train: row(40, '5.3', [5]),
  ussuri: row(51, '5.11', [5]),
  victoria: row(53, '5.12', [5]),
  wallaby: row(56, '6.0', [5, 6], 'victoria'),
  xena: row(60, '6.0', [5, 6], 'wallaby'),
  yoga: row(61, '6.0', [5, 6], 'xena'),
  zed: row(64, '6.1', [5, 6], 'yoga'),
  antelope: row(66, '6.2', [5, 6], 'yoga'),
  bobcat: row(66, '6.2', [5, 6], 'antelope'),
  caracal: row(67, '6.3', [5, 6], 'antelope'),
  dalmatian: row(67, '6.3', [5, 6], 'caracal'),
  epoxy: row(68, '6.4', [5, 6], 'caracal'),
  flamingo: row(70, '6.4', [5, 6], 'epoxy'),
  gazpacho: row(72, '6.5', [5, 6], 'epoxy'),
}

/** SERVICE_VERSION_ALIASES: a release's value in the check, where it differs from the computes' own version. */
const alias: Readonly<Partial<Record<ReleaseName, number>>> = { victoria: 52, wallaby: 54, xena: 57, caracal: 66 }

/**
 * `auto` exists since mitaka; before that the release is named, and icehouse's name for havana is this one (nova
 * 2014.1).
 */
const pinOf = (source: Release, target: Release): string => {
  if (target.index >= releaseNamed('mitaka').index) return 'auto'
  return source.name === 'havana' && target.name === 'icehouse' ? 'icehouse-compat' : source.name
}

const hindrance = (source: Release, target: Release): string | undefined => {
  const { rpc } = novas[source.name]
  const { speaks } = novas[target.name]
  if (target.index < source.index) return `${target.id} is older than the computes`
  // mitaka removed conductor 2.x, which computes up to kilo call (nova/conductor/manager.py)
  if (target.index >= releaseNamed('mitaka').index && source.index <= releaseNamed('kilo').index)
    return `computes of ${source.id} call conductor 2.x, ${target.id} has 3.0 only`
  if (!speaks.includes(Number.parseInt(rpc, 10)))
    return `computes of ${source.id} answer compute RPC ${rpc}, ${target.id} speaks ${speaks.join(' and ')}`
  return undefined
}

/** Whether old computes can stay with a new controller, and which options nova.conf needs for that. */
export const computeRule = (source: Release, target: Release): ComputeRule => {
  const found = hindrance(source, target)
  const { version } = novas[source.name]
  const { oldest } = novas[target.name]
  const least = oldest === undefined ? 0 : (alias[oldest] ?? novas[oldest].version)
  const needsFfuFlag = version < least
  const drives = needsFfuFlag
    ? `${target.id} wants computes of ${oldest} (${least}) or newer and finds ${version}: they run only with the workaround`
    : `${target.id} takes computes of ${source.id} (service version ${version})`
  return {
    drivable: found === undefined,
    needsFfuFlag,
    pin: pinOf(source, target),
    reason: found ?? drives,
  }
}
