import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The package by its own name; the longer names first, because an alias is a prefix too. */
const resolve = {
  alias: {
    'egresslab/wire': fileURLToPath(new URL('./src/public/wire.ts', import.meta.url)),
    'egresslab/vitest': fileURLToPath(new URL('./src/testing/index.ts', import.meta.url)),
    egresslab: fileURLToPath(new URL('./src/index.ts', import.meta.url)),
  },
};

/**
 * Tests in real time: labs that are up, the kernel, processes with signals. They run after all
 * others, which keep every core busy; what a busy machine upset all the same may try again.
 */
const REAL_TIME = [
  'test/cli/chaos.test.ts',
  'test/cli/full-disk.test.ts',
  'test/cli/live.test.ts',
  'test/cli/process.test.ts',
  'test/cli/unreachable-process.test.ts',
  'test/cli/up-process.test.ts',
  'test/oracle/**/*.test.ts',
  'test/platform/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'lab',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: REAL_TIME,
          setupFiles: ['test/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'threads',
          // Files share the modules they import: a third of the time went into reading them anew.
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        test: {
          name: 'real time',
          include: REAL_TIME,
          setupFiles: ['test/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: 2,
          pool: 'forks',
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
