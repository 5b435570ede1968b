export { choleskyUpper, inverseFactor, invertUpper } from './cholesky.ts';
export { compensatedSweep, type SweepInput } from './compensated-sweep.ts';
