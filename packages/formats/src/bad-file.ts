import { TilewrightError } from '@tilewright/kernels';

/** The error of every malformed, truncated or missing file: code `bad-file`. */
export function badFile(
  subject: string,
  problem: string,
  requirement: string,
  fix: string,
  cause?: unknown,
): TilewrightError {
  return new TilewrightError('bad-file', { subject: clipped(subject), problem, requirement, fix }, { cause });
}

/** A value from a file as an error message may show it: quoted, escaped, and short however long it was. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Map) return 'an object';
  if (Array.isArray(value)) {
    return value.length <= 8 && value.every((item) => typeof item === 'number')
      ? `[${value.join(', ')}]`
      : `a list of ${value.length}`;
  }
  return typeof value === 'string' ? JSON.stringify(clipped(value)) : String(value);
}

const clipped = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);
