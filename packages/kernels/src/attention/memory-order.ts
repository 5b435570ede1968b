import { TilewrightError } from '../core/errors.ts';

/** The index spaces of an attention tensor: batch row, place in the sequence, head, channel. */
type Axis = 'b' | 's' | 'h';

interface Digit {
  readonly axis: Axis;
  /** How many values it takes; absent for an axis's outermost digit, which takes what is left. */
  readonly count?: number;
}
interface Fixed {
  readonly index: number;
  readonly count: number;
}

/**
 * Where the rows of a tensor lie in memory: from the outermost to the innermost, the digits of batch, sequence and
 * head. Written as a pattern:
 *
 * - `bshd`, `bhsd`, `sbhd`, …: plain orders. `d`, the channels, comes last.
 * - With spaces, an axis may be split; each digit but the outermost names its count. On a grid `[images, rows, columns,
 *   heads, channels]`, the sequences along columns of 16 columns are `b s b:16 h d`; windows of 7 × 7 in 8 × 8 of them
 *   `b b:8 s b:8 s:7 h d`.
 * - `1/3` is one slice of three that the tensor does not own: the keys of a packed projection `[batch, tokens, 3, heads,
 *   channels]` are `b s 1/3 h d`.
 * - An input may leave out `b` or `h`: all batch rows, or all heads, then read the same.
 */
export interface MemoryOrder {
  readonly pattern: string;
  /** Innermost first, without the channels. */
  readonly digits: readonly (Digit | Fixed)[];
}

const isFixed = (digit: Digit | Fixed): digit is Fixed => 'index' in digit;

/** Reads a pattern. Throws `bad-argument`. */
export function memoryOrder(kernel: string, option: string, pattern: string, written: boolean): MemoryOrder {
  const fail = (problem: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: kernel,
      problem: `option '${option}' is '${pattern}': ${problem}`,
      requirement:
        "it lists b, s, h (split ones as 'b b:8', slices as '1/3') from outermost to innermost, d last",
      fix: "write 'bshd', 'bhsd', or digits separated by spaces",
    });
  };
  const words = pattern.includes(' ') ? pattern.trim().split(/\s+/) : [...pattern];
  if (words.pop() !== 'd') fail('the channels are not last');
  const seen = new Set<string>();
  const digits = words.map((word): Digit | Fixed => {
    const slice = /^(\d+)\/(\d+)$/.exec(word);
    if (slice) {
      const [index, count] = [Number(slice[1]), Number(slice[2])];
      return index < count ? { index, count } : fail(`there is no slice ${word}`);
    }
    const [, letter, count] = /^([bsh])(?::([1-9]\d*))?$/.exec(word) ?? fail(`'${word}' is no digit`);
    const axis = letter as Axis;
    if (!seen.has(axis) && count !== undefined)
      fail(`the outermost ${axis} takes what is left, so it has no count`);
    if (seen.has(axis) && count === undefined) fail(`a second ${axis} needs a count`);
    seen.add(axis);
    return count === undefined ? { axis } : { axis, count: Number(count) };
  });
  for (const axis of written ? ['b', 's', 'h'] : ['s']) if (!seen.has(axis)) fail(`there is no ${axis}`);
  return { pattern, digits: digits.reverse() };
}

/** Sizes or WGSL terms of the three index spaces, and of a row of channels. */
interface Spaces<Size> {
  readonly b: Size;
  readonly s: Size;
  readonly h: Size;
  readonly d: number;
}

/** The element index of a row's first channel, in plain arithmetic. */
export function rowAddress(
  order: MemoryOrder,
  sizes: Spaces<number>,
): (batch: number, head: number, index: number) => number {
  return (batch, head, index) => {
    const rest = { b: batch, s: index, h: head };
    let stride = sizes.d;
    let address = 0;
    for (const digit of order.digits) {
      if (isFixed(digit)) {
        address += digit.index * stride;
        stride *= digit.count;
        continue;
      }
      const { axis } = digit;
      const count = digit.count ?? sizes[axis] / innerCount(order, axis);
      address += (digit.count === undefined ? rest[axis] : rest[axis] % count) * stride;
      rest[axis] = Math.floor(rest[axis] / count);
      stride *= count;
    }
    return address;
  };
}

const innerCount = (order: MemoryOrder, axis: Axis): number =>
  order.digits.reduce(
    (product, digit) => product * (!isFixed(digit) && digit.axis === axis ? (digit.count ?? 1) : 1),
    1,
  );

/** `fn <name>(batch, head, index) -> u32`: the same address in WGSL, `sizes` being WGSL terms. */
export function rowAddressWgsl(name: string, order: MemoryOrder, sizes: Spaces<string>): string {
  let constant = sizes.d;
  const symbols: string[] = [];
  const stride = (): string => [`${constant}u`, ...symbols].join(' * ');
  const argument = { b: 'batch', s: 'index', h: 'head' };
  const divisor = { b: 1, s: 1, h: 1 };
  const terms: string[] = [];
  for (const digit of order.digits) {
    if (isFixed(digit)) {
      if (digit.index > 0) terms.push(`${digit.index}u * ${stride()}`);
      constant *= digit.count;
      continue;
    }
    const { axis, count } = digit;
    const value = divisor[axis] === 1 ? argument[axis] : `${argument[axis]} / ${divisor[axis]}u`;
    terms.push(count === undefined ? `(${value}) * ${stride()}` : `(${value}) % ${count}u * ${stride()}`);
    if (count === undefined) {
      const inner = innerCount(order, axis);
      symbols.push(inner === 1 ? sizes[axis] : `(${sizes[axis]} / ${inner}u)`);
    } else {
      constant *= count;
      divisor[axis] *= count;
    }
  }
  return `fn ${name}(batch: u32, head: u32, index: u32) -> u32 { return ${terms.reverse().join(' + ')}; }`;
}
