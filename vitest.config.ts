import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**', 'test/faults/**', 'test/swap/**'],
        },
      },
      {
        test: {
          name: 'live',
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
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 900_000,
          // Each has machines of its own, and mostly waits for them.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'swap',
          include: ['test/swap/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
          bail: 1,
        },
      },
    ],
  },
})
