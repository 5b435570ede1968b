import { addressTerms, type Digit, digitsAddress, innerCount, readDigits } from './digits.ts';
import { TilewrightError } from '../contract/errors.ts';

/** The index spaces of an attention tensor: batch row, place in the sequence, head, channel. */
type Axis = 'b' | 's' | 'h';

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
  readonly digits: readonly Digit<Axis>[];
}

/** Reads a pattern, whose digits are to divide `sizes` if given. Throws `bad-argument`. */
export function memoryOrder(
  kernel: string,
  option: string,
  pattern: string,
  written: boolean,
  sizes?: Readonly<Record<Axis, number>>,
): MemoryOrder {
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
  const digits = readDigits(words, ['b', 's', 'h'], fail);
  for (const axis of written ? ['b', 's', 'h'] : ['s'])
    if (!digits.some((digit) => digit.axis === axis)) fail(`there is no ${axis}`);
  if (written && digits.some((digit) => digit.repeated)) fail('what is written cannot be repeated');
  for (const { axis, count, first, room } of digits) {
    const size = axis && sizes?.[axis];
    const values = count ?? size! / innerCount(digits, axis!);
    if (size && (room ? first! + values > room : values % 1)) fail(`${size} ${axis} do not fit`);
  }
  return { pattern, digits };
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
  { digits }: MemoryOrder,
  sizes: Spaces<number>,
): (batch: number, head: number, index: number) => number {
  return (b, h, s) => digitsAddress(digits, sizes, { b, s, h }, sizes.d);
}

/** `fn <name>(batch, head, index) -> u32`: the same address in WGSL, `sizes` being WGSL terms. */
export function rowAddressWgsl(name: string, { digits }: MemoryOrder, sizes: Spaces<string>): string {
  const terms = addressTerms(digits, sizes, { b: 'batch', s: 'index', h: 'head' }, sizes.d);
  return `fn ${name}(batch: u32, head: u32, index: u32) -> u32 { return ${terms.map(({ wgsl }) => wgsl).join(' + ')}; }`;
}
