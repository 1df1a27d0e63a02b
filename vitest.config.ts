import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of minutes: none of them may begin when the others have ended. */
const longest = [
  ...['cutover-cut', 'crash', 'historic', 'cutover', 'stage', 'jumps', 'managers', 'computes-retarget', 'staged'],
  ...['power', 'revert-cutover', 'revert-migrate', 'kill'],
].map((name) => `${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (longest.includes(basename(moduleId)) ? 0 : 1)
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          expect: { poll: { timeout: 60_000 } },
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**', 'test/faults/**', 'test/swap/**'],
          // They need milliseconds; a busy machine may need a thousand times as long, and only a test that hangs fails by this.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'live',
          expect: { poll: { timeout: 60_000 } },
          include: ['test/live/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: 'test/live/install.ts',
          // They mostly wait, for timers and for other machines' programs.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'faults',
          expect: { poll: { timeout: 60_000 } },
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
          // Each has machines of its own, and mostly waits for them.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'swap',
          expect: { poll: { timeout: 60_000 } },
          include: ['test/swap/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
          fileParallelism: false,
          bail: 1,
        },
      },
    ],
  },
})
