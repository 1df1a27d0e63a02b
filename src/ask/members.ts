import type { Config } from '../config.ts'
import { refuse } from '../errors.ts'
import type { SideMachine } from '../hosts/host.ts'
import { firstName } from '../hosts/sides.ts'
import type { Member, Survey } from '../survey.ts'

/** The source's machines as surveyed; a survey made by an older swapctl has only one. */
export const membersIn = (survey: Survey, config: Pick<Config, 'source' | 'target'>): readonly [Member, ...Member[]] =>
  survey.members ?? [
    {
      name: firstName(config, 'source'),
      side: survey.source,
      running: survey.services.flatMap(({ running }) => running),
      trees: {},
      clients: 0,
    },
  ]

/** One of them. Throws SwapError when the survey does not have it, rather than guess. */
export const memberIn = (survey: Survey, config: Pick<Config, 'source' | 'target'>, name: SideMachine): Member => {
  const member = membersIn(survey, config).find((one) => one.name === name)
  if (member === undefined)
    throw refuse(
      name,
      'was not part of the swap when it was prepared',
      'Give it the name that it had in the settings then',
    )
  return member
}

/** Whether this machine has a MariaDB other than the first machine's, whose databases are carried over. */
export const servesDatabase = (survey: Survey, name: SideMachine): boolean => {
  const member = survey.members?.find((one) => one.name === name)
  return member === undefined || member === survey.members?.[0] || member.side.mariadb !== undefined
}
