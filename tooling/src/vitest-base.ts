import type { ViteUserConfig } from 'vitest/config';
import { wgslText } from './wgsl-text.ts';

const conditions = ['tilewright-source', 'module', 'node', 'development|production'];

/** What all test runs share; which files they take is said in test-plan.mjs. */
const vitestBase: ViteUserConfig = {
  plugins: [wgslText],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A test that asserts nothing fails.
    expect: { requireAssertions: true },
    setupFiles: [`${import.meta.dirname}/setup-adapter.ts`],
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
};

export default vitestBase;
