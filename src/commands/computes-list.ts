import { silentText } from '../ask/beside.ts'
import { askLeads, type ComputeLeads } from '../computes/ask.ts'
import { computeText, isBehind, summaryText } from '../computes/text.ts'
import { askWays, waysIn } from '../computes/where.ts'
import { computesOf } from '../cutover/handover/neighbours.ts'
import { ownName } from '../hosts/sides.ts'
import { loadSurvey } from '../source/survey.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { type Options, withSession } from './session.ts'

/**
 * Shows where the connections of each compute lead, and which of them the cutover does not take along. Reads only. Exit
 * code 1 when a compute gave no answer: the list is not whole.
 */
export const listComputes = (options: Options): Promise<void> =>
  withSession('computes list', options, async ({ config, hosts }) => {
    const survey = await loadSurvey(config.state)
    const ways = survey === undefined ? await askWays(config, hosts) : waysIn(config, survey)
    const { computes, silent } = await askLeads(hosts, computesOf(config), ways)
    const text =
      options.json === true
        ? asJson({ swap: config.name, computes: computes.map(shownOf), silent }, 2)
        : forTerminal(
            [
              ...computes.map(computeText),
              ...silent.map(silentText),
              summaryText(computes, silent, config.addresses),
            ].join('\n'),
          )
    process.stdout.write(`${text}\n`)
    if (silent.length > 0) process.exitCode = 1
  })

const shownOf = ({ host, agents, leads }: ComputeLeads) => ({
  name: ownName(host),
  behind: leads.some(isBehind),
  agents,
  leads,
})
