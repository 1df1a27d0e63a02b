import { SwapError } from '../errors.ts'
import type { Host, HostName, Hosts } from '../hosts/host.ts'

/** A machine of neither side that did not answer, and why. */
export interface Silent {
  readonly host: HostName
  readonly why: string
}

export interface Answers<T> {
  readonly answers: readonly { readonly host: HostName; readonly answer: T }[]
  readonly silent: readonly Silent[]
}

/** Seconds to wait for one machine's answer: the APIs are down meanwhile. */
const patience = 10

/** Seconds for which a silent machine is not asked again. */
const rest = 60

const remembered = new WeakMap<Hosts, Map<HostName, { readonly why: string; readonly until: number }>>()

const memoryOf = (hosts: Hosts) => {
  const memory = remembered.get(hosts) ?? new Map<HostName, { readonly why: string; readonly until: number }>()
  remembered.set(hosts, memory)
  return memory
}

const within = async <T>(asked: Promise<T>, host: HostName, seconds: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SwapError(host, `no answer in ${seconds} s`, 'Check that machine')),
      seconds * 1000,
    )
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Asks machines that belong to neither side, in parallel. One that does not answer within `seconds` is returned in
 * `silent`, never thrown, and not asked again for a minute: it must not hold up a move or a rollback.
 */
export const askBeside = async <T>(
  hosts: Hosts,
  names: readonly HostName[],
  look: (host: Host) => Promise<T>,
  seconds = patience,
): Promise<Answers<T>> => {
  const memory = memoryOf(hosts)
  const one = async (host: HostName) => {
    const known = memory.get(host)
    if (known !== undefined && Date.now() < known.until) return { host, why: known.why }
    try {
      return { host, answer: await within(look(hosts(host)), host, seconds) }
    } catch (error) {
      if (!(error instanceof SwapError)) throw error
      memory.set(host, { why: error.message, until: Date.now() + rest * 1000 })
      return { host, why: error.message }
    }
  }
  const all = await Promise.all(names.map(one))
  return {
    answers: all.flatMap((it) => ('answer' in it ? [it as { host: HostName; answer: T }] : [])),
    silent: all.flatMap((it) => ('why' in it ? [{ host: it.host, why: it.why as string }] : [])),
  }
}

/** 'compute:cmp2 gave no answer (no connection: ...)', for the list of what is left to do. */
export const silentText = ({ host, why }: Silent): string => `${host} gave no answer (${why})`
