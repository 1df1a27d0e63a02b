import { acceptances, judge } from '../checks/accepted.ts'
import type { Finding } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Session } from './session.ts'

const text = (finding: Finding): string =>
  `${finding.level.padEnd(5)}  ${finding.id}: ${finding.says}\n         ${finding.remedy}`

/** Prints all findings; a block that was not accepted is a refusal, with exit code 2. */
export const reportFindings = (session: Session, findings: readonly Finding[]): void => {
  const judged = judge(findings, acceptances(session.journal))
  const { blocks, warnings, accepted } = judged
  for (const finding of warnings) session.reporter.note(text(finding))
  for (const { id, says, reason } of accepted)
    session.reporter.note(`accepted  ${id}: ${says}\n         because: ${reason}`)
  if (blocks.length > 0)
    throw new SwapError(
      'checks',
      `blocked by failed checks:\n  ${blocks.map(text).join('\n  ')}`,
      'Nothing was changed. Fix these and rerun the command, or accept a finding: swapctl check --accept ID --reason TEXT',
      { exitCode: 2, details: judged },
    )
}
