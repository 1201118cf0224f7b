import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    // Most tests wait for processes and not for the processor.
    maxWorkers: 2,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/compile.ts', 'test/setup/state.ts', 'test/setup/left-overs.ts'],
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
