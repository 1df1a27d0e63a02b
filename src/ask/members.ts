import type { Config } from '../config.ts'
import { refuse } from '../errors.ts'
import type { SideMachine } from '../hosts/host.ts'
import { firstName } from '../hosts/sides.ts'
import type { Member, Survey } from '../survey.ts'

/** The machines of the source as they answered; of a survey that an older swapctl made, the only one it knew. */
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

/** One of them. Throws SwapError when the survey does not know it: what is not known of a machine is not guessed. */
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

/** Whether there is a MariaDB on this machine, apart from the first, whose databases are carried over. */
export const servesDatabase = (survey: Survey, name: SideMachine): boolean => {
  const member = survey.members?.find((one) => one.name === name)
  return member === undefined || member === survey.members?.[0] || member.side.mariadb !== undefined
}
