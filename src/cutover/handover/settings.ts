import { ask } from '../../ask/question.ts'
import type { Action } from '../../engine/step.ts'
import type { Host, HostName } from '../../hosts/host.ts'

/** As `sysctl -w` wants it; with slashes, because an interface's name may contain dots (eth0.20). */
export const setAction = (on: HostName, settings: readonly string[]): Action => ({
  kind: 'exec',
  on,
  argv: ['sysctl', '-q', '-w', ...settings],
  limit: 20,
})

/** The current values, in the form that `sysctl -w` takes. */
export const askSettings = (host: Host, settings: readonly string[]): Promise<readonly string[]> => {
  const names = settings.map((setting) => setting.replace(/=.*/, ''))
  return ask(host, {
    argv: ['sysctl', '-n', ...names],
    parse: (text) => {
      const values = text.trim().split('\n')
      return names.map((name, index) => `${name}=${values[index]?.trim() ?? ''}`)
    },
  })
}
