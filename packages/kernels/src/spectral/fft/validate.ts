import type { Problem } from '../../contract/contract.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { longestFourier } from '../fourier.ts';
import { type FftForm, fftForm } from './table.ts';

const bad = (problem: string, requirement: string, fix: string): TilewrightError =>
  new TilewrightError('bad-shape', { subject: 'fft', problem, requirement, fix });

/** How a length is transformed. Throws `bad-shape` for one that is beyond all plans. */
export function plannedForm(size: number): FftForm {
  try {
    return fftForm(size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw bad(
      `a line has ${size} points`,
      `plans reach ${longestFourier}, and half of that where a prime above 7 divides the length`,
      'transform shorter parts',
    );
  }
}

/** Throws `bad-shape` for sizes that do not fit, and for what no plan does. */
export function validate({ axes, options }: Problem): void {
  const { size, entries, parts, channels, length, frames, samples, step } = axes as Record<string, number>;
  const form = plannedForm(size!);
  if (entries !== 2 * form.entries)
    throw bad(
      `the table has ${entries} numbers`,
      `one for ${size} points has ${2 * form.entries}`,
      `give fftTable(${size})`,
    );
  for (const [name, count] of Object.entries({ parts, channels }))
    if (count !== 1 && count !== 2)
      throw bad(`${name} is ${count}`, 'numbers are real (1) or complex (2)', 'give 1 or 2');
  if (options.half && (parts !== 2 || length! > Math.floor(size! / 2) + 1))
    throw bad(
      `half a spectrum has ${length} bins of ${parts} numbers`,
      `of ${size} points it has at most ${Math.floor(size! / 2) + 1}, which are complex`,
      'give that many, or leave half out',
    );
  if (options.turns === 'round' && (form.chirp || options.inverse))
    throw bad(
      `there and back is asked for ${options.inverse ? 'an inverse' : `${size} points`}`,
      'it begins with the transform, of a length without a prime above 7',
      'call twice, once for each way',
    );
  if (options.framed && (frames! - 1) * step! + length! > samples!)
    throw bad(
      `${frames} windows of ${length} samples, ${step} apart, look at ${(frames! - 1) * step! + length!} samples`,
      `a row has ${samples}`,
      'give fewer windows',
    );
}
