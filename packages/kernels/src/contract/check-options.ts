import { TilewrightError } from './errors.ts';
import { renameFix } from './nearest-name.ts';

/** Throws `bad-argument` for the first option that is not known: what nobody reads is not taken in silence. */
export function checkOptions(subject: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `there is no option '${name}'`,
      requirement: `known are ${known.join(', ')}`,
      fix: renameFix(name, known),
    });
  }
}
