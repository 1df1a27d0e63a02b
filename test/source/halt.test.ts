import { expect, test } from 'vitest'
import type { Action, Step } from '../../src/engine/step.ts'
import type { Command, Host, Output } from '../../src/hosts/host.ts'
import { defaultFreeze, wholePlan } from '../../src/plan/plan.ts'
import { contextOf } from '../real-plans.ts'

type Unit = { active: boolean; masked: boolean; exists: boolean }

/** Answers the freeze's questions and commands like systemd. */
const systemd = (running: readonly string[], idle: readonly string[]) => {
  const units = new Map<string, Unit>([
    ...running.map((name): [string, Unit] => [name, { active: true, masked: false, exists: true }]),
    ...idle.map((name): [string, Unit] => [name, { active: false, masked: false, exists: true }]),
  ])
  const show = (name: string): string => {
    const { exists, active, masked } = units.get(name) ?? { exists: false, active: false, masked: false }
    const load = masked ? 'masked' : exists ? 'loaded' : 'not-found'
    return `Id=${name}.service\nLoadState=${load}\nActiveState=${active ? 'active' : 'inactive'}\nUnitFileState=${masked ? 'masked' : 'enabled'}\n`
  }
  const answer = ({ argv }: Command): Output => {
    expect(argv.slice(0, 2)).toEqual(['systemctl', 'show'])
    return { code: 0, stdout: argv.slice(5).map(show).join('\n'), stderr: '' }
  }
  const verbs: Readonly<Record<string, (unit: Unit) => void>> = {
    stop: (unit) => Object.assign(unit, { active: false }),
    start: (unit) => Object.assign(unit, { active: unit.active || !unit.masked }),
    mask: (unit) => Object.assign(unit, { masked: true }),
    unmask: (unit) => Object.assign(unit, { masked: false }),
  }
  const perform = (action: Action): void => {
    if (action.kind !== 'exec' || action.argv[0] !== 'systemctl') return
    const [, verb = '', ...names] = action.argv
    for (const name of names) verbs[verb]?.(units.get(name.replace(/\.service$/, '')) as Unit)
  }
  const host = { name: 'source', run: async (command: Command) => answer(command) } as unknown as Host
  const state = () => Object.fromEntries([...units].map(([name, unit]) => [name, { ...unit }]))
  return { host, perform, state }
}

test('the freeze stops and masks every unit, and its undo starts only what was running', async () => {
  const context = contextOf('victoria-all')
  const running = context.survey.services.flatMap((service) => service.running)
  const machine = systemd(running, ['cinder-backup', 'nova-consoleauth', 'neutron-l3-agent'])
  const plan = wholePlan({ ...context, hosts: () => machine.host }, defaultFreeze)
  const steps: readonly Step[] = plan.filter(({ id }) => /\/(close|stop)$/.test(id))
  const before = machine.state()
  const undos: (readonly Action[])[] = []
  for (const step of steps) {
    undos.unshift(await step.undo())
    for (const action of await step.run()) machine.perform(action)
  }
  expect(Object.values(machine.state())).not.toContainEqual(expect.objectContaining({ active: true }))
  expect(Object.values(machine.state())).not.toContainEqual(expect.objectContaining({ masked: false }))
  for (const undo of undos) for (const action of undo) machine.perform(action)
  expect(machine.state()).toEqual(before)
})
