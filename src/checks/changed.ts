import { block, type Check, type Message } from '../ask/check.ts'
import type { Context } from '../context.ts'
import { readIdentity } from '../engine/identity.ts'
import { askSurvey } from '../source/survey.ts'
import type { ServiceSurvey, Survey } from '../survey.ts'
import { askOwner } from '../target/claim.ts'

/**
 * What has changed since `prepare` although steps were built from it: machines, packages or schemas. Runs before the
 * freeze; after it the source's revisions no longer change.
 */
const changedSince = async (context: Context): Promise<readonly Message[]> => {
  const { config, hosts, recipes, survey } = context
  const [now, owner] = await Promise.all([askSurvey(config, hosts, recipes), askOwner(hosts('target'))])
  const said = [...differences(survey, now)]
  if (owner === undefined) said.push('the target belongs to no swap')
  else if (owner.swap !== config.name) said.push(`the target belongs to the swap '${owner.swap}'`)
  else if (owner.id !== undefined && owner.id !== (await readIdentity(config.state)))
    said.push('the target belongs to this swap, but run from another state directory')
  return said.map((says) => block(says, 'Survey both sides again: swapctl prepare'))
}

export const changedChecks: readonly Check[] = [
  {
    id: 'survey/changed',
    level: 'block',
    title: 'Both sides are as prepare found them',
    source: 'runbooks/01-prepare.md: the plan is made from what prepare found',
    why: 'The plan would no longer fit the machines.',
    remedy: 'Run swapctl prepare again: it surveys both sides again.',
    before: ['migrate'],
    ask: changedSince,
  },
]

/** Descriptions of what differs between two surveys. */
export const differences = (before: Survey, now: Survey): readonly string[] => [
  ...(['source', 'target'] as const)
    .filter((side) => before[side].hostname !== now[side].hostname)
    .map((side) => `the ${side} was ${before[side].hostname} and is ${now[side].hostname}`),
  ...before.services.flatMap((service) => {
    const found = now.services.find((one) => one.name === service.name)
    return found === undefined ? [`${service.name} is no longer installed on the source`] : changes(service, found)
  }),
]

const changes = (before: ServiceSurvey, now: ServiceSurvey): readonly string[] => [
  ...(before.version === now.version ? [] : [`${before.name} was ${before.version} and is ${now.version}`]),
  ...before.databases.flatMap((database) => {
    const found = now.databases.find((one) => one.name === database.name)
    if (found === undefined) return [`the database ${database.name} is gone from the source`]
    return (['charset', 'collation', 'revision', 'hops'] as const)
      .filter((key) => String(database[key]) !== String(found[key]))
      .map((key) => `the ${key} of ${database.name} was ${String(database[key])} and is ${String(found[key])}`)
  }),
]
