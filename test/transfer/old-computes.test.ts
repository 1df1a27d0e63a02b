import { expect, test } from 'vitest'
import { recipes } from '../../src/services/index.ts'
import { extras } from '../../src/transfer/config-step.ts'
import { contextOf } from '../real-plans.ts'

const withRelease = ({ config, survey }: ReturnType<typeof contextOf>, release?: string) => ({
  config,
  survey: {
    ...survey,
    services: survey.services.map((one) => ({ ...one, release: release ?? one.release })),
  },
})

/** The options set for old computes; `release`: that of the old cloud, if another. */
const optionsOf = (cloud: string, release?: string) =>
  recipes.flatMap((recipe) =>
    Object.values(extras(withRelease(contextOf(cloud), release), recipe)).flatMap((all) =>
      all.map(({ section, option, value }) => `[${section}] ${option} = ${value}`),
    ),
  )

test('computes too old for the release need its workaround, others do not; all are pinned', () => {
  expect(optionsOf('victoria-all')).toEqual([
    '[upgrade_levels] compute = auto',
    '[workarounds] disable_compute_service_check_for_ffu = true',
  ])
  expect(optionsOf('victoria-all', '2024.1')).toEqual([expect.stringMatching(/^\[upgrade_levels\] compute = /)])
  expect(optionsOf('keystone-glance')).toEqual([])
})
