import type { Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { registerSecret } from '../text/secrets.ts'
import { begunIn, lastLines } from './channel.ts'
import type { HostName } from './host.ts'
import { type Asked, passwordIn } from './password.ts'
import { place } from './place.ts'
import type { Pool } from './pool.ts'
import { type Exchange, newTrial, type Trial, trusted } from './prove.ts'
import { exchange, run } from './remote.ts'
import { sectionOf } from './sides.ts'
import { denialIn, recordings, type Sudo } from './sudo.ts'

/** Seconds that the first command may take on a machine that is busy. */
const trialLimit = 60

/** How often a password is asked for at the terminal. */
const attempts = 3

/** A machine before anything else was said to it. */
export interface Contact {
  readonly pool: Pool
  readonly machine: Machine
  readonly name: HostName
  readonly asked: Asked
}

const no = ({ machine, name }: Contact, key: string, what: string, next: string, final = false): SwapError =>
  new SwapError(place(machine), `[${sectionOf(name)}] ${key}: ${what}`, next, { exitCode: 2, final })

/** Puts the known question: 'root' when the known answer came; throws SwapError (exit 2) when another did. */
const tried = async (contact: Contact, sudo: Sudo | undefined): Promise<'root' | 'asks' | 'wrong'> => {
  const { pool, machine, name } = contact
  const trial = newTrial(sudo)
  const answer = await exchange(pool, trial, name, trialLimit)
  const denial = sudo === undefined || begunIn(answer.stderr) ? undefined : denialOf(contact, answer, trial)
  if (typeof denial === 'string') return denial
  const error = denial ?? trusted(machine, sectionOf(name), trial, answer)
  if (error !== undefined) throw error
  return 'root'
}

const denialOf = (
  contact: Contact,
  { stderr }: Exchange,
  { prompt, sudo }: Trial,
): 'asks' | 'wrong' | SwapError | undefined => {
  const { user } = contact.machine
  const said = stderr.replaceAll(prompt, '').trim()
  const denial = denialIn(said, user)
  if (typeof denial === 'string') return denial
  if (denial !== undefined) return no(contact, 'become', ...denial)
  const quoted = lastLines(said, 3)
  if (/^sudo: /m.test(said))
    return no(contact, 'become', `sudo there runs nothing: ${quoted}`, 'Let sudo run /bin/sh as root there')
  // A start file that spoils all answers spoils this one, too: that is told by what else came.
  if (said === '' || sudo?.password === undefined || stderr.includes(prompt)) return undefined
  const next = `Add to its sudoers with visudo: Defaults:${user} passprompt_override; what asks for more than a password cannot be answered`
  return no(contact, 'become', `sudo there asks in words of its own: ${quoted}`, next)
}

const fileSays = (contact: Contact, path: string): string => {
  try {
    return passwordIn(path)
  } catch (error) {
    throw no(contact, 'become_password_file', (error as Error).message, 'Fix this line of the settings, or the file')
  }
}

const withFile = async (contact: Contact, path: string): Promise<Sudo> => {
  const password = fileSays(contact, path)
  registerSecret(password)
  const sudo = { password }
  if ((await tried(contact, sudo)) === 'root') return sudo
  const what = `sudo there does not take the password in ${path}`
  throw no(
    contact,
    'become_password_file',
    what,
    `Write the password that sudo asks ${contact.machine.user} for into it`,
    true,
  )
}

const withAnswer = async (contact: Contact): Promise<Sudo> => {
  const { machine, name, asked } = contact
  const file = `name a file of mode 0600 that holds it: become_password_file in [${sectionOf(name)}] (swapctl init: --become-password-file)`
  if (!asked.there()) {
    const what = 'sudo there wants a password, and there is no terminal to ask for it now'
    throw no(
      contact,
      'become',
      what,
      `Run swapctl at a terminal, or ${file}, or allow it there with visudo without one: ${machine.user} ALL=(root) NOPASSWD: ALL`,
    )
  }
  for (let left = attempts; left > 0; left -= 1) {
    const password = await asked.password(`Password that sudo asks for on ${place(machine)}: `)
    if (password === undefined) break
    registerSecret(password)
    const sudo = { password }
    if ((await tried(contact, sudo)) === 'root') return sudo
    asked.say('sudo there does not take this password.')
  }
  throw no(contact, 'become', 'sudo there got no password that it takes', `Run it again, or ${file}`, true)
}

/** sudo would write what programs read and say to the machine's disk: the clouds' passwords, and whole databases. */
const refuseRecording = async (contact: Contact, sudo: Sudo): Promise<void> => {
  const { pool, machine, name } = contact
  const command = { argv: ['sudo', '-n', '-l', '-U', machine.user], limit: 30 } as const
  const { stdout } = await run({ pool, command, where: name, sudo })
  const found = recordings(stdout, machine.user)
  if (found.length === 0) return
  const what = `sudo there records what programs read or say, secrets too (${found.map(([by]) => by).join(', ')})`
  throw no(contact, 'become', what, `In its sudoers, with visudo: ${found.map(([, cure]) => cure).join('; ')}`)
}

/**
 * Puts the known question to a machine, and finds out how root's programs are run there: by sudo, or, where the login is
 * root's, without. Throws SwapError (exit 2) that names the machine, and the section and key of the settings that help.
 */
export const firstContact = async (contact: Contact): Promise<Sudo | undefined> => {
  const { become } = contact.machine
  if (become === undefined) {
    await tried(contact, undefined)
    return undefined
  }
  const without = { password: undefined }
  const free = (await tried(contact, without)) === 'root'
  const { passwordFile } = become
  const sudo = free
    ? without
    : await (passwordFile === undefined ? withAnswer(contact) : withFile(contact, passwordFile))
  await refuseRecording(contact, sudo)
  return sudo
}
