import { askMaybe, type Question } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'

/** An initiator logged in to a target: a guest's disk in use. */
export interface Session {
  /** 'iqn.2010-10.org.openstack:volume-6f1d...' */
  readonly target: string
  readonly initiator: string
  /** address of the initiator; '' when tgt does not say */
  readonly address: string
}

/** Parses `tgtadm --op show --mode target`: one block per target, one paragraph per I_T nexus. */
export const parseSessions = (text: string): readonly Session[] => {
  const sessions: Session[] = []
  let target = ''
  for (const line of text.split('\n')) {
    target = /^Target \d+: (\S+)/.exec(line)?.[1] ?? target
    const initiator = /^\s+Initiator: (\S+)/.exec(line)?.[1]
    if (initiator !== undefined) sessions.push({ target, initiator, address: '' })
    const address = /^\s+IP Address: (\S+)/.exec(line)?.[1]
    const last = sessions.at(-1)
    if (address !== undefined && last !== undefined) sessions[sessions.length - 1] = { ...last, address }
  }
  return sessions
}

const shown: Question<readonly Session[]> = {
  argv: ['tgtadm', '--lld', 'iscsi', '--mode', 'target', '--op', 'show'],
  parse: parseSessions,
}

/** Initiators logged in to this machine's targets; [] when tgt is not running. */
export const askSessions = async (host: Host): Promise<readonly Session[]> => (await askMaybe(host, shown)) ?? []
