export { caseName, checkCase, checkPlan, checkProgram } from './check-case.ts';
export type { CheckOptions, CheckResult, Mismatch } from './check-case.ts';
export { prepareCase } from './prepare-case.ts';
export type { Expected, PreparedCase } from './prepare-case.ts';
export { checkHardValues } from './hard-values.ts';
