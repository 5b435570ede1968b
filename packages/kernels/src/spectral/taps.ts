import { TilewrightError } from '../contract/errors.ts';

/** Throws `bad-shape` for filters of a wavelet that are not even. */
export function checkTaps(subject: string, taps: number): void {
  if (taps % 2 === 0) return;
  throw new TilewrightError('bad-shape', {
    subject,
    problem: `filters have ${taps} taps`,
    requirement: 'those of a wavelet have an even number',
    fix: 'add a tap of zeros',
  });
}
