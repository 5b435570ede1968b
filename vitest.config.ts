import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { wgslText } from './tooling/src/wgsl-text.ts';

const conditions = ['tilewright-source', 'module', 'node', 'development|production'];

const config: ViteUserConfig = defineConfig({
  plugins: [wgslText],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'conformance/**/*.test.ts',
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'tooling/src/**/*.test.{ts,mjs}',
    ],
    setupFiles: ['tooling/src/setup-adapter.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});

export default config;
