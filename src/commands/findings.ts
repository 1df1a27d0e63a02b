import type { Finding } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import type { Session } from './session.ts'

/** Prints all findings together; a block among them is a refusal, with exit code 2. */
export const heed = (session: Session, findings: readonly Finding[]): void => {
  const text = (finding: Finding): string =>
    `${finding.level.padEnd(5)}  ${finding.id}: ${finding.says}\n         ${finding.remedy}`
  const warnings = findings.filter((finding) => finding.level === 'warn')
  for (const finding of warnings) session.reporter.note(text(finding))
  const blocks = findings.filter((finding) => finding.level === 'block')
  if (blocks.length > 0)
    throw refuse(
      'checks',
      `this cannot work yet:\n  ${blocks.map(text).join('\n  ')}`,
      'Nothing was changed. Mend these and run the same command again',
    )
}
