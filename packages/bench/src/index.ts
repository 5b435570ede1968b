export { caseName, checkCase } from './verify/check-case.ts';
export type { CheckOptions, CheckResult, Mismatch } from './verify/check-case.ts';
export { randomWeight } from './verify/random-weight.ts';
