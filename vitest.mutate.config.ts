import { defineConfig } from 'vitest/config'

/** The tests that tools/mutate.mjs names for the part that Stryker changes. */
export default defineConfig({
  test: { include: JSON.parse(process.env['MUTATE_TESTS'] ?? '["test/*.test.ts"]'), testTimeout: 120_000 },
})
