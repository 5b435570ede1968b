import { badFile, shown } from '../bad-file.ts';
import type { Json } from '../json/parse-json.ts';

/** True for a whole number from 0 to 2^53 - 1. */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && !Object.is(value, -0);
}

/**
 * A shape from a file. Throws `bad-file` for anything but a list of whole numbers whose product is below
 * 2^53.
 */
export function parseShape(value: Json | undefined, subject: string, of: string): readonly number[] {
  if (!Array.isArray(value) || !value.every(isSize)) {
    throw badFile(
      subject,
      `the shape of ${of} is ${describe(value)}`,
      'a shape is a list of whole numbers of at least 0',
      'write the file again with a valid shape',
    );
  }
  elementCount(value, subject, of);
  return value;
}

/** The number of elements of a shape. Throws `bad-file` where the product, at any step, is not below 2^53. */
export function elementCount(shape: readonly number[], subject: string, of: string): number {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) {
      throw badFile(
        subject,
        `the shape of ${of} is ${shown(shape)}, more elements than can be counted`,
        'the product of a shape must be below 2^53',
        'write the file again with a valid shape',
      );
    }
  }
  return count;
}

function describe(value: Json | undefined): string {
  if (!Array.isArray(value)) return shown(value);
  const wrong: unknown = value.find((size) => !isSize(size));
  return `${shown(value)} (with ${shown(Object.is(wrong, -0) ? '-0' : wrong)})`;
}
