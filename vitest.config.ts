import { defineConfig } from 'vitest/config';

const never = ['**/node_modules/**', '**/build/**', '**/dist/**', '**/.svelte-kit/**', '**/.threadline/**'];
const special = ['protocol', 'database', 'stack', 'browser'].map((kind) => `**/*.${kind}.test.ts`);
/** Starts the one stack that all tests which need it share. */
const withStack = { globalSetup: './packages/local-stack/src/testing/stack-setup.ts' };

/** Kinds run one after the other, so that slow ones never starve quick ones of the processor. */
function kind(name: string, groupOrder: number, settings: object) {
  return { test: { name, exclude: never, sequence: { groupOrder }, ...settings } };
}

export default defineConfig({
  test: {
    reporters: [
      'default',
      './packages/local-stack/src/testing/stack-log-reporter.ts',
      './packages/local-stack/src/testing/count-reporter.ts',
    ],
    // Stopping a whole stack takes its time.
    teardownTimeout: 60_000,
    projects: [
      kind('unit', 1, {
        include: ['**/*.test.ts'],
        exclude: [...never, ...special],
        // Property tests and machines with other work.
        testTimeout: 30_000,
      }),
      kind('protocol', 2, { include: ['**/*.protocol.test.ts'], testTimeout: 20_000, hookTimeout: 60_000 }),
      kind('database', 3, {
        include: ['**/*.database.test.ts'],
        testTimeout: 60_000,
        ...withStack,
      }),
      kind('stack', 4, {
        include: ['**/*.stack.test.ts'],
        testTimeout: 60_000,
        hookTimeout: 120_000,
        maxWorkers: 1,
        ...withStack,
      }),
      kind('browser', 5, {
        include: ['web/tests/**/*.browser.test.ts'],
        testTimeout: 90_000,
        hookTimeout: 120_000,
        maxWorkers: 1,
        ...withStack,
      }),
    ],
  },
});
