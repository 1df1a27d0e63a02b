import { inside, linesOf, type MachineName, tryInside } from '../machines.ts'
import { demandNone, differences, type Proof } from '../proof.ts'

type Units = Readonly<Record<string, string>>

/** Units that come and go by themselves: timers, logins, and units that D-Bus starts on demand. */
const passing =
  /^(user@|user-runtime-dir@|ssh@|apt-|man-db|systemd-tmpfiles-clean|systemd-hostnamed|systemd-timedated|logrotate|fstrim|e2scrub|dpkg-db-backup|getty@|console-getty|container-getty@|session-)/

/** Every unit with its state: 'nova-api.service' -> 'active running'. */
export const askUnits = async (machine: MachineName): Promise<Units> => {
  const out = await inside(machine, [
    'systemctl',
    'list-units',
    '--type=service',
    '--state=active,activating,failed',
    ...['--plain', '--no-legend', '--no-pager'],
  ])
  return Object.fromEntries(
    linesOf(out)
      .map((line) => line.trim().split(/\s+/))
      .filter(([name = '']) => !passing.test(name))
      .map(([name = '', , active = '', sub = '']) => [name, `${active} ${sub}`]),
  )
}

export const sameUnits = (before: Units): Proof => ({
  name: 'the units that run on the source are those that ran before, and no other',
  run: async () => {
    const after = await askUnits('source')
    demandNone('units differ', differences(before, after))
    return `${Object.keys(after).length} units`
  },
})

const accounts = ['keystone', 'glance', 'placement', 'nova', 'neutron', 'cinder', 'heat', 'uwsgi']

/** No running process of a service's account, and no running unit. */
export const runsNothing = (machine: MachineName): Proof => ({
  name: `nothing of OpenStack runs on the ${machine}`,
  run: async () => {
    const processes = linesOf(await inside(machine, ['ps', '-eo', 'user:32,pid,args', '--no-headers']))
    const busy = processes.filter(
      (line) =>
        accounts.includes(line.split(/\s+/)[0] ?? '') || /\/(nova|cinder|neutron|heat|glance|keystone)-/.test(line),
    )
    const units = Object.keys(await askUnits(machine)).filter((name) =>
      accounts.some((account) => name.startsWith(`${account}-`) || name === `${account}.service`),
    )
    demandNone('it runs', [...busy, ...units])
    return `${processes.length} processes, none of them OpenStack's`
  },
})

/** No unit of swapctl that would act, now or at the next boot. */
export const nothingLeft = (machine: MachineName): Proof => ({
  name: `no unit of swapctl is at work on the ${machine}, nor will be after a boot`,
  run: async () => {
    // systemctl exits 1 when it lists no files.
    const [running, enabled] = await Promise.all([
      inside(machine, ['systemctl', 'list-units', '--all', '--plain', '--no-legend', '--no-pager', 'swapctl-*']),
      tryInside(machine, ['systemctl', 'list-unit-files', '--no-legend', '--no-pager', 'swapctl-*']),
    ])
    demandNone('there are', [...linesOf(running), ...linesOf(enabled.stdout), ...linesOf(enabled.stderr)])
    return 'systemctl lists none'
  },
})
