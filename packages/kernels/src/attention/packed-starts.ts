import { checkedLater, checkOptions, listOf } from '../contract/check-options.ts';
import { TilewrightError } from '../contract/errors.ts';

/**
 * `q_starts` or `k_starts` of packed batch rows: where each begins, and where the last ends, u32 `[rows + 1]`. Throws
 * `bad-shape` when they do not fit into `capacity` tokens: the kernels cut such rows in silence.
 */
export function packedStarts(
  lengths: readonly number[],
  capacity: number = 2 ** 32 - 1,
): Uint32Array<ArrayBuffer> {
  checkList('packedStarts', lengths);
  const starts = new Uint32Array(lengths.length + 1);
  let sum = 0;
  lengths.forEach((length, row) => {
    checkLength(row, length, capacity - sum);
    sum += length;
    starts[row + 1] = sum;
  });
  return starts;
}

/**
 * Checks `lengths` of an attention kernel against the `keys` it has room for, before they go to the device, where longer ones
 * are cut in silence. Throws `bad-shape`.
 */
export function checkLengths(lengths: readonly number[], keys: number): Uint32Array<ArrayBuffer> {
  checkList('checkLengths', lengths);
  lengths.forEach((length, row) => checkLength(row, length, keys));
  return Uint32Array.from(lengths);
}

const checkList = (subject: string, lengths: readonly number[]): void =>
  checkOptions(subject, { lengths }, { lengths: listOf(checkedLater) });

function checkLength(row: number, length: number, room: number): void {
  if (Number.isSafeInteger(length) && length >= 0 && length <= room) return;
  throw new TilewrightError('bad-shape', {
    subject: 'attention lengths',
    problem: `batch row ${row} has ${length} tokens, and there is room for ${room}`,
    requirement: 'what lies past the room is never attended to',
    fix: 'give a smaller number, or a tensor with more room',
  });
}
