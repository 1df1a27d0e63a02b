import type { Machine, MovingAddress } from '../config.ts'
import { canonical } from '../text/canonical.ts'
import { machineName, machineOf, placeOf } from './machine.ts'
import type { Section } from './text.ts'
import { complain, refuseTwice } from './values.ts'

export interface Jumps {
  /** The jump hosts that a machine's section names. Throws SwapError (exit 2) for one that has no section. */
  of(section: Section): Pick<Machine, 'jump'>
  /** Throws SwapError (exit 2) for a jump host that is a machine of the swap, or is reached by an address that moves. */
  refuseOwn(machines: readonly Machine[], moving: readonly MovingAddress[]): void
}

/** The [jump NAME] sections. */
export const jumpsOf = (file: string, all: readonly Section[]): Jumps => {
  const sections = all.filter(({ kind }) => kind === 'jump')
  const hops = sections.map((section) => ({ section, hop: machineOf(file, section, machineName(file, section)) }))
  refuseTwice(
    file,
    'host',
    hops.map(({ section, hop }) => ({
      section,
      key: placeOf(hop),
      twice: (other) => `${hop.host} is already the jump host of ${other}`,
    })),
  )
  const find = (section: Section, name: string): Machine => {
    const found = hops.find(({ hop }) => hop.name === name)?.hop
    if (found !== undefined) return found
    const how = 'write a section with its host and host_key, and name that here'
    throw complain(file, section, 'jump', `there is no [jump ${name}]: ${how}`)
  }
  return {
    of: (section) => {
      const { jump } = section.values
      if (jump === undefined || jump === 'none') return {}
      const names = jump.split(',').map((name) => name.trim())
      const twice = names.find((name, index) => names.indexOf(name) !== index)
      if (twice !== undefined) throw complain(file, section, 'jump', `${twice} is named twice`)
      return { jump: names.map((name) => find(section, name)) }
    },
    refuseOwn: (machines, moving) => {
      for (const { section, hop } of hops) {
        const host = canonical(hop.host).toLowerCase()
        const own = machines.find(
          (machine) => canonical(machine.host).toLowerCase() === host || machine.hostKey === hop.hostKey,
        )
        if (own !== undefined)
          throw complain(
            file,
            section,
            own.hostKey === hop.hostKey ? 'host_key' : 'host',
            `this is the machine ${own.name} of the swap, which the swap fences off: name another jump host`,
          )
        if (moving.some(({ address }) => address === host))
          throw complain(
            file,
            section,
            'host',
            `${host} moves to the target: name the jump host by an address that stays`,
          )
      }
    },
  }
}
