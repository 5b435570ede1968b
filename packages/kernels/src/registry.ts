// Every kernel with its check: for tests, benches and the command line. Nothing that ships to a page imports this.
import type { KernelCheck } from './core/check.ts';
import { check as elementwise } from './kernels/elementwise/check.ts';
import { check as gram } from './kernels/gram/check.ts';
import { check as rope } from './kernels/rope/check.ts';
import { check as rmsNorm } from './kernels/rms-norm/check.ts';
import { check as tensorScatter } from './kernels/tensor-scatter/check.ts';

export const registry: readonly KernelCheck[] = [
  elementwise,
  gram,
  rope,
  rmsNorm,
  tensorScatter,
];
