import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';
import { everything } from './tooling/src/test-plan.mjs';
import vitestBase from './tooling/src/vitest-base.ts';

const config: ViteUserConfig = mergeConfig(vitestBase, defineConfig({ test: everything }));

export default config;
