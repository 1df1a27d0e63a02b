import { fixups } from './fixups.ts'
import type { Job } from './measure.ts'
import { tables, wide } from './memory.ts'
import { transfer } from './transfer.ts'
import { verify } from './verify.ts'

/** Each job creates its own data unless an earlier one has left it. Add a job as an entry. */
export const jobs: Readonly<Record<string, Job>> = { transfer, verify, fixups, wide, tables }
