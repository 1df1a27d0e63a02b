import { SwapError } from '../errors.ts'
import type { Host, HostName, Hosts } from '../hosts/host.ts'

/** A machine beside the two sides that gave no answer, and why. */
export interface Silent {
  readonly host: HostName
  readonly why: string
}

export interface Answers<T> {
  readonly answers: readonly { readonly host: HostName; readonly answer: T }[]
  readonly silent: readonly Silent[]
}

/** seconds that one of them is given: it is asked while nobody is served */
const patience = 10

/** seconds for which one that gave no answer is not asked again */
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
 * Asks machines that are not one of the two sides, all at once. One that gives no answer within `seconds` is named in
 * `silent`, never thrown, and not waited for again for a minute: it must not hold up a move or a way back.
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

/** 'compute:cmp2 gave no answer (no connection: ...)': how one is named among what is left to do. */
export const silentText = ({ host, why }: Silent): string => `${host} gave no answer (${why})`
