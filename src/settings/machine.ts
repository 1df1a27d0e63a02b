import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, resolve } from 'node:path'
import type { Machine } from '../config.ts'
import { agentPath, agentWord } from '../hosts/agent.ts'
import { notPrivate } from '../hosts/password.ts'
import { canonical } from '../text/canonical.ts'
import type { Section } from './text.ts'
import { complain, expand, integer } from './values.ts'

/** The key where none is set: ~/.ssh/id_ed25519, or the ssh agent's where there is no such file but an agent. */
export const usualKey = (): string => {
  const file = '~/.ssh/id_ed25519'
  return existsSync(expand(file)) || agentPath() === undefined ? file : agentWord
}

/** A machine from its section. Throws SwapError (exit 2) when the section is wrong. */
export const machineOf = (file: string, section: Section, name: string): Machine => {
  const { user = 'root', key = usualKey(), host_key: hostKey = '' } = section.values
  const host = (section.values['host'] ?? '').replace(/^\[(.*)\]$/, '$1')
  if (!isHost(host)) throw complain(file, section, 'host', hostMistake(host))
  if (!/^[A-Za-z_][\w.-]*\$?$/.test(user)) throw complain(file, section, 'user', `'${user}' is not a user name`)
  if (!/^SHA256:[A-Za-z0-9+/]{43}$/.test(hostKey))
    throw complain(
      file,
      section,
      'host_key',
      `'${hostKey}' is not a fingerprint as printed by ssh-keygen -lf (SHA256:...)`,
    )
  return {
    name,
    host,
    port: integer(file, section, 'port', 22, 1, 65535),
    user,
    key: key === agentWord ? key : resolve(dirname(file), expand(key)),
    hostKey,
    ...passphraseOf(file, section),
    ...becomeOf(file, section, user),
  }
}

const passphraseOf = (file: string, section: Section): Pick<Machine, 'passphraseFile'> => {
  const { key_passphrase_file: path } = section.values
  if (path === undefined) return {}
  const passphraseFile = resolve(dirname(file), expand(path))
  const why = notPrivate(passphraseFile, 'passphrase')
  if (why !== undefined) throw complain(file, section, 'key_passphrase_file', why)
  return { passphraseFile }
}

const becomeOf = (file: string, section: Section, user: string): Pick<Machine, 'become'> => {
  const { become = 'none', become_password_file: path } = section.values
  if (become === 'none' && path !== undefined)
    throw complain(file, section, 'become_password_file', 'nothing asks for a password without become = sudo')
  if (become === 'none') return {}
  if (become !== 'sudo') throw complain(file, section, 'become', `'${become}' is not sudo, the only way there is`)
  if (user === 'root')
    throw complain(file, section, 'become', 'the user is root already: set user, or remove this line')
  if (path === undefined) return { become: {} }
  const passwordFile = resolve(dirname(file), expand(path))
  const why = notPrivate(passwordFile)
  if (why !== undefined) throw complain(file, section, 'become_password_file', why)
  return { become: { passwordFile } }
}

/** Whether a machine can be called so. */
export const isMachineName = (name: string): boolean => /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(name)

/** The name in the section's title, often fully qualified: 'cmp1.example.com'. Throws SwapError (exit 2). */
export const machineName = (file: string, section: Section): string => {
  if (!isMachineName(section.name))
    throw complain(file, section, 'NAME', `'${section.name}' may contain only letters, digits, dots and dashes`)
  return section.name
}

const isHost = (host: string): boolean =>
  isIP(host) !== 0 ||
  (/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host) && !host.includes('..') && !/^[\d.]+$/.test(host))

const hostMistake = (host: string): string =>
  /^\[?[^[\]]*\]?:\d+$/.test(host)
    ? `'${host}' contains a port: set it with the option port`
    : `'${host}' is not a host name or address`

/** How a machine is reached, in one spelling: '10.0.0.11 port 22'. */
export const placeOf = ({ host, port }: Pick<Machine, 'host' | 'port'>): string =>
  `${canonical(host).toLowerCase()} port ${port}`
