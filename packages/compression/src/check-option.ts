import { TilewrightError } from '@tilewright/kernels';

/** Throws `bad-argument` that names the option and what it may be, unless `valid`: for the members of recipes' configurations. */
export function checkOption(
  recipe: string,
  option: string,
  value: unknown,
  valid: boolean,
  allowed: string,
): void {
  if (valid) return;
  const quoted = typeof value === 'string' ? `'${value}'` : String(value);
  throw new TilewrightError('bad-argument', {
    subject: recipe,
    problem: `${option} is ${typeof value === 'object' ? JSON.stringify(value) : quoted}`,
    requirement: `it is ${allowed}`,
    fix: 'give one of these, or leave it out',
  });
}
