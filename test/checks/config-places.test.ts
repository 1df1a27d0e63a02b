import { expect, test } from 'vitest'
import { askChecks, type CheckContext } from '../../src/ask/check.ts'
import { judge } from '../../src/checks/accepted.ts'
import { configPlaceChecks } from '../../src/checks/config-places.ts'
import { asCheck } from '../../src/checks/host-check.ts'
import { contextOf } from '../real-plans.ts'
import { machines } from '../transfer/machines.ts'

const found = (files: Readonly<Record<string, string>>) => {
  const context = contextOf('keystone-glance', machines({ source: { files }, target: {} }))
  const id = 'source/config-directories'
  const checks = configPlaceChecks.filter((one) => one.id === id).map(asCheck)
  return askChecks(checks, { ...context, recreate: false, claimed: false } as CheckContext)
}

test('settings in drop-in files stop the swap until they are moved or accepted', async () => {
  const path = '/etc/glance/glance-api.conf.d/50-site.conf'
  const findings = await found({ [path]: '[DEFAULT]\ndebug = true\n' })
  expect(judge(findings, new Map()).blocks).toMatchObject([{ says: `settings of the source are in ${path}` }])
  const accepted = new Map([['source/config-directories', { at: '', reason: 'not needed' }]])
  expect(judge(findings, accepted)).toMatchObject({ blocks: [], warnings: [] })
  expect(await found({ [path]: '# nothing is set here\n' })).toEqual([])
})
