// Orders that kernels take as the digits of a shape, from the outermost to the innermost (see `memoryOrder` of the kernels).
import {
  declaredShape,
  type Extent,
  type Kernel,
  type ProblemInput,
  type TensorContract,
} from '@tilewright/kernels';
import { type ExtentScope, isEqual, productOf, quotientOf } from '../extent/index.ts';
import type { KernelRequest, LoweringContext, View } from '../ir.ts';
import { reshaped } from './order.ts';

/** What a request has to say so that a kernel reads a view. */
export interface FittedView {
  readonly problem: Partial<Pick<ProblemInput, 'axes' | 'options' | 'views'>>;
  /** Uniforms of the view. */
  readonly sizes: Readonly<Record<string, Extent>>;
}

/** A part of a letter's index, and where memory has it: nowhere, if it repeats what it is over. */
interface Digit {
  readonly letter: string;
  readonly size: Extent;
  /** Its place among the digits of its letter, 0 the outermost. */
  readonly place: number;
  readonly stride?: Extent;
}

/**
 * The digits in which a kernel finds the elements of a value that it would read as `request` says if they lay row-major; or why
 * there are none: gaps that are no multiples, sizes of inner digits that only a run knows.
 */
export function fitDigits(
  view: View,
  kernel: Kernel,
  binding: string,
  tensor: TensorContract,
  request: KernelRequest,
  context: LoweringContext,
): FittedView | string {
  const { option, letters } = tensor.order as { readonly option: string; readonly letters: string };
  const { extents } = context;
  const options = kernel.problem(request.problem).options;
  const pattern = String(options[option]);
  const refused = `${kernel.name}: '${binding}' is read in digits of its axes`;
  const sizes = sizesOfLetters(kernel, tensor, letters, request, options);
  const written = writtenDigits(extents, pattern, sizes);
  if (!written) return refused;
  const memory = written.filter(({ repeated }) => !repeated);
  const placed = reshaped(
    extents,
    view,
    memory.map(({ size }) => size),
  );
  if (!placed) return refused;
  const places: Record<string, number> = {};
  let axis = 0;
  const digits = written.flatMap(({ letter, size, repeated }): Digit[] => {
    const next = (): number => (places[letter] = (places[letter] ?? -1) + 1);
    if (repeated) return [{ letter, size, place: next() }];
    return placed.axes[axis++]!.map((digit) => ({
      letter,
      size: digit.size,
      place: next(),
      ...(digit.size !== 1 && { stride: digit.stride }),
    }));
  });
  const words = wordsOf(extents, digits, placed.offset, context.planned);
  // Where letters are axes, rows of the last one lie together.
  if (!words || (!tensor.flat && words.at(-1) !== written.at(-1)!.letter)) return refused;
  const flat = tensor.flat && { [tensor.shape[0]!]: elementsOf(view.root, context) };
  return { problem: { options: { [option]: words.join(' ') }, ...(flat && { axes: flat }) }, sizes: {} };
}

const elementsOf = (root: string, { values, planned }: LoweringContext): number =>
  values[root]!.shape.reduce<number>((product, size) => product * planned(size), 1);

/** The size of each letter's axis. */
function sizesOfLetters(
  { definition }: Kernel,
  tensor: TensorContract,
  letters: string,
  { problem, sizes }: KernelRequest,
  options: Parameters<typeof declaredShape>[1],
): ReadonlyMap<string, Extent> {
  const shape = declaredShape(tensor, options);
  const named = shape === tensor.shape ? letters : (tensor.shapeWhen?.[3] ?? letters);
  // A flat tensor has one axis, its number of elements; the letters are those of the product's axes.
  const axisOf = (letter: string, i: number): string =>
    tensor.flat ? Object.keys(definition.axes).find((axis) => axis.startsWith(letter))! : shape[i]!;
  return new Map(
    [...named].map((letter, i) => {
      const axis = axisOf(letter, i);
      return [letter, sizes[axis] ?? problem.axes[axis]!];
    }),
  );
}

interface WrittenDigit {
  readonly letter: string;
  readonly size: Extent;
  readonly repeated: boolean;
}

/** The digits of a pattern without gaps, outermost first. */
function writtenDigits(
  scope: ExtentScope,
  pattern: string,
  sizes: ReadonlyMap<string, Extent>,
): readonly WrittenDigit[] | undefined {
  const words = pattern.includes(' ') ? pattern.split(' ') : [...pattern];
  const read = words.map((word) => /^\(?([a-z])(?::(\d+))?\)?$/.exec(word));
  const counted = new Map<string, number>();
  for (const match of read)
    if (match?.[2]) counted.set(match[1]!, (counted.get(match[1]!) ?? 1) * Number(match[2]));
  const digits = read.map((match, i): WrittenDigit | undefined => {
    const size = match && sizes.get(match[1]!);
    if (size === undefined || size === null) return undefined;
    const own = match![2] ? Number(match![2]) : quotientOf(scope, size, counted.get(match![1]!) ?? 1);
    return own === undefined
      ? undefined
      : { letter: match![1]!, size: own, repeated: words[i]!.startsWith('(') };
  });
  return digits.every((digit) => digit !== undefined) ? digits : undefined;
}

/** Digits as a kernel's option names them, outermost first; undefined where memory has gaps that no digit says. */
function wordsOf(
  scope: ExtentScope,
  digits: readonly Digit[],
  offset: Extent,
  planned: (size: Extent) => number,
): readonly string[] | undefined {
  const inMemory = innermostFirst(scope, digits);
  if (!inMemory || typeof offset !== 'number') return undefined;
  let rest = offset;
  const words: string[] = [];
  for (let i = inMemory.length - 1; i >= 0; i--) {
    const { letter, size, place, stride } = inMemory[i]!;
    const next = inMemory[i + 1]?.stride;
    const first = typeof stride === 'number' ? Math.floor(rest / stride) : 0;
    if (typeof stride === 'number') rest -= first * stride;
    const isFull = next !== undefined && isEqual(scope, next, productOf(scope, stride!, size)) === 'yes';
    if (isFull && first > 0) return undefined;
    const room = next === undefined ? first + planned(size) : quotientOf(scope, next, stride!);
    const gap = isFull || (next === undefined && first === 0) ? '' : `+${first}/${room as number}`;
    if (gap && (typeof room !== 'number' || first + planned(size) > room)) return undefined;
    if (place > 0 && typeof size !== 'number') return undefined;
    words.push(`${letter}${place > 0 ? `:${size as number}` : ''}${gap}`);
  }
  const innermost = inMemory[0]?.stride ?? 1;
  if (innermost !== 1) {
    if (typeof innermost !== 'number' || rest >= innermost) return undefined;
    words.push(`${rest}/${innermost}`);
  } else if (rest > 0) return undefined;
  const repeated = digits
    .filter(({ stride }) => stride === undefined)
    .map(({ letter, size, place }) => ({
      letter,
      place,
      word: place > 0 ? `(${letter}:${size as number})` : `(${letter})`,
    }));
  return withRepeated(words, repeated);
}

/** Digits that memory has, innermost first; undefined where those of a letter do not lie in their order. */
function innermostFirst(
  scope: ExtentScope,
  digits: readonly Digit[],
): readonly (Digit & { readonly stride: Extent })[] | undefined {
  const waiting = digits.filter(
    (digit): digit is Digit & { readonly stride: Extent } => digit.stride !== undefined,
  );
  const sorted: (Digit & { readonly stride: Extent })[] = [];
  const inside = new Map<string, number>();
  while (waiting.length > 0) {
    // The one whose stride divides those of all others.
    const next = waiting.find(({ stride }) =>
      waiting.every((other) => quotientOf(scope, other.stride, stride) !== undefined),
    );
    if (!next || next.stride === 0 || (inside.get(next.letter) ?? Infinity) <= next.place) return undefined;
    inside.set(next.letter, next.place);
    waiting.splice(waiting.indexOf(next), 1);
    sorted.push(next);
  }
  return sorted;
}

/** Puts digits that memory has not beside those of their letter, in the order of their places. */
function withRepeated(
  words: readonly string[],
  repeated: readonly { readonly letter: string; readonly place: number; readonly word: string }[],
): readonly string[] | undefined {
  const all = [...words];
  for (const { letter, place, word } of repeated) {
    const of = (each: string): boolean => each.replace('(', '').startsWith(letter);
    const known = all.flatMap((each, i) => (of(each) ? [i] : []));
    if (place === 0) all.splice(0, 0, word);
    else all.splice((known[place - 1] ?? -1) + 1, 0, word);
  }
  return all;
}
