import { refuse } from '../errors.ts'
import { limiter } from '../hosts/limiter.ts'
import { askSsh, type SshSays } from '../hosts/ssh-config.ts'
import { isMachineName, placeOf } from '../settings/machine.ts'
import type { Named } from './init-options.ts'
import { type Given, parseGiven } from './place.ts'

/** What the operator's ssh says of each host, by its name on the command line or in ProxyJump. */
export type Says = ReadonlyMap<string, SshSays>

/** How many ssh processes run at once. */
const asked = 8

/**
 * Asks the operator's ssh about these hosts and about the jump hosts that it names, and theirs. No machine is asked.
 * Throws SwapError (exit 2) when ssh cannot read its settings.
 */
export const askSays = async (hosts: readonly string[], file?: string): Promise<Says> => {
  const says = new Map<string, SshSays>()
  const inTurn = limiter(asked)
  const ask = async (host: string): Promise<readonly string[]> => {
    const said = await askSsh(host, file)
    if (said === undefined) return []
    says.set(host, said)
    return said.jumps.flatMap((text) => parseGiven(text)?.host ?? [])
  }
  for (let open = [...new Set(hosts)]; open.length > 0; ) {
    const found = (await Promise.all(open.map((host) => inTurn(() => ask(host))))).flat()
    open = [...new Set(found)].filter((host) => !says.has(host))
  }
  return says
}

/** Where the login to a jump host comes from. */
type LoginOf = (said: SshSays | undefined) => Pick<Named, 'key' | 'passphraseFile'>

/** A jump host. Its user is ssh's: the operator's own name where nothing else is said. */
const hopOf = ({ host, port, user }: Given, says: Says, loginOf: LoginOf): Named => {
  const said = says.get(host)
  const at = { host: said?.host ?? host, port: port ?? said?.port ?? 22 }
  const name = isMachineName(host) ? host : placeOf(at).replaceAll(/[^A-Za-z0-9]+/g, '-')
  return { name, ...at, user: user ?? said?.user ?? 'root', ...loginOf(said) }
}

/**
 * The jump hosts on the way to a host, in the order in which they are passed: those of `--jump` before any other, else
 * those of ssh's ProxyJump. As ssh does, the first one is reached by its own ProxyJump. Throws SwapError (exit 2).
 */
export const wayTo = (
  host: string,
  { says, jump, loginOf }: { readonly says: Says; readonly jump: readonly string[]; readonly loginOf: LoginOf },
): readonly Named[] => {
  const pass = (texts: readonly string[], seen: readonly string[]): readonly Named[] =>
    texts.flatMap((text, index) => {
      const given = parseGiven(text)
      const option = jump.includes(text) ? '--jump' : 'ProxyJump of your ssh_config'
      if (given === undefined)
        throw refuse(option, `'${text}' is not [USER@]HOST[:PORT]`, 'Example: adm@bastion.example.com:2222')
      if (seen.includes(given.host))
        throw refuse(option, `the way to ${host} leads through ${given.host} again and again`, 'Correct it')
      const hop = hopOf(given, says, loginOf)
      return index === 0 ? [...pass(says.get(given.host)?.jumps ?? [], [...seen, given.host]), hop] : [hop]
    })
  return jump.length > 0 ? pass(jump, []) : pass(says.get(host)?.jumps ?? [], [host])
}
