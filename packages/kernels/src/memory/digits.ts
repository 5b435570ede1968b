// Orders of memory: an index per axis, cut into digits, and the digits of all axes laid out from the outermost to the
// innermost. Attention and products of activations read tensors through them, so that views need no copy.
import { TilewrightError } from '../contract/errors.ts';

/** A part of an axis's index, or (without an axis) a slice of the tensor: one of `room` places. */
export interface Digit<Axis extends string = string> {
  readonly axis?: Axis;
  /** How many values it takes; absent for an axis's outermost digit, which takes what is left, and for slices. */
  readonly count?: number;
  /** The place of its first value among those that memory has; default 0. */
  readonly first?: number;
  /** Places that memory has for it; absent where it has one for each value. */
  readonly room?: number;
  /** Memory has no place for it: whatever its value, the same is read. */
  readonly repeated?: boolean;
}

/**
 * Reads digits, innermost first, from words written outermost first:
 *
 * - `b`: what is left of the axis b; `b:8`: its next 8 values further in.
 * - `(b)`, `(b:8)`: the same, with no place in memory: repeated.
 * - `k+3/17`: its values lie at places 3, 4, … of 17.
 * - `1/3`: the second of three slices.
 *
 * `fail` is told what is wrong.
 */
export function readDigits<Axis extends string>(
  words: readonly string[],
  axes: readonly Axis[],
  fail: (problem: string) => never,
): readonly Digit<Axis>[] {
  const seen = new Set<Axis>();
  const digits = words.map((word): Digit<Axis> => {
    const slice = /^(\d+)\/(\d+)$/.exec(word);
    if (slice) {
      const [first, room] = [Number(slice[1]), Number(slice[2])];
      return first < room ? { first, room } : fail(`there is no slice ${word}`);
    }
    const bare = word.replace(/^\((.*)\)$/, '$1');
    const [, letter, count, first, room] =
      /^([a-z])(?::([1-9]\d*))?(?:\+(\d+)\/([1-9]\d*))?$/.exec(bare) ?? fail(`'${word}' is no digit`);
    const axis = axes.find((each) => each === letter) ?? fail(`'${word}' is no digit`);
    if (!seen.has(axis) && count !== undefined)
      fail(`the outermost ${axis} takes what is left, so it has no count`);
    if (seen.has(axis) && count === undefined) fail(`a second ${axis} needs a count`);
    seen.add(axis);
    return {
      axis,
      ...(count !== undefined && { count: Number(count) }),
      ...(room !== undefined && { first: Number(first), room: Number(room) }),
      ...(bare !== word && { repeated: true }),
    };
  });
  return digits.reverse();
}

/** Values of an axis that its counted digits divide among themselves. */
export const innerCount = <Axis extends string>(digits: readonly Digit<Axis>[], axis: Axis): number =>
  digits.reduce((product, digit) => product * (digit.axis === axis ? (digit.count ?? 1) : 1), 1);

/**
 * Demands that the digits of `option`, written as `pattern`, fit the sizes of their axes: inner ones divide them, and values
 * stay within the places that memory has. An outermost digit with places of its own may be cut short. Throws `bad-shape`.
 */
export function checkDigits<Axis extends string>(
  subject: string,
  option: string,
  pattern: string,
  digits: readonly Digit<Axis>[],
  sizes: Readonly<Record<Axis, number>>,
): void {
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', {
      subject,
      problem: `option '${option}' is '${pattern}': ${problem}`,
      requirement,
      fix,
    });
  };
  for (const { axis, count, first = 0, room } of digits) {
    if (axis === undefined) continue;
    const inner = innerCount(digits, axis);
    const values = count ?? sizes[axis] / inner;
    if (room === undefined && !Number.isInteger(values))
      refuse(
        `${axis} of size ${sizes[axis]} has inner digits of ${inner}`,
        'digits divide their axis',
        `pad ${axis} to a multiple of ${inner}, or give it other digits`,
      );
    if (room !== undefined && first + values > room)
      refuse(
        `${Math.ceil(values)} values of ${axis} from place ${first} on`,
        `memory has ${room} places there, and more would overlap`,
        `give ${axis} ${Math.ceil(first + values)} places or more`,
      );
  }
}

/** The address of an index per axis, in elements; `unit` elements lie together inside the innermost digit. */
export function digitsAddress<Axis extends string>(
  digits: readonly Digit<Axis>[],
  sizes: Readonly<Record<Axis, number>>,
  index: Readonly<Record<Axis, number>>,
  unit = 1,
): number {
  const rest: Record<Axis, number> = { ...index };
  let stride = unit;
  let address = 0;
  for (const { axis, count, first = 0, room, repeated } of digits) {
    if (axis === undefined) {
      address += first * stride;
      stride *= room!;
      continue;
    }
    const values = count ?? sizes[axis] / innerCount(digits, axis);
    const value = count === undefined ? rest[axis] : rest[axis] % count;
    rest[axis] = Math.floor(rest[axis] / values);
    if (repeated) continue;
    address += (value + first) * stride;
    stride *= room ?? values;
  }
  return address;
}

/** One summand of an address in WGSL, and the axis whose index it depends on. */
export interface AddressTerm<Axis extends string> {
  readonly axis: Axis | undefined;
  readonly wgsl: string;
}

/**
 * The summands of an address, outermost first: `index` are WGSL terms of the indices, `sizes` numbers or WGSL terms of the
 * axes' sizes.
 */
export function addressTerms<Axis extends string>(
  digits: readonly Digit<Axis>[],
  sizes: Readonly<Record<Axis, string | number>>,
  index: Readonly<Record<Axis, string>>,
  unit = 1,
): readonly AddressTerm<Axis>[] {
  let constant = unit;
  const symbols: string[] = [];
  const stride = (): string => [`${constant}u`, ...symbols].join(' * ');
  const divisors = new Map<Axis, number>();
  const terms: AddressTerm<Axis>[] = [];
  for (const { axis, count, first = 0, room, repeated } of digits) {
    if (axis === undefined) {
      if (first > 0) terms.push({ axis, wgsl: `${first}u * ${stride()}` });
      constant *= room!;
      continue;
    }
    const divisor = divisors.get(axis) ?? 1;
    divisors.set(axis, divisor * (count ?? 1));
    if (repeated) continue;
    const shifted = divisor === 1 ? index[axis] : `${index[axis]} / ${divisor}u`;
    const value = count === undefined ? `(${shifted})` : `(${shifted}) % ${count}u`;
    terms.push({ axis, wgsl: `${first > 0 ? `(${value} + ${first}u)` : value} * ${stride()}` });
    const size = sizes[axis];
    const inner = innerCount(digits, axis);
    if (room !== undefined || count !== undefined) constant *= room ?? count!;
    else if (typeof size === 'number') constant *= size / inner;
    else symbols.push(inner === 1 ? size : `(${size} / ${inner}u)`);
  }
  return terms.reverse();
}
