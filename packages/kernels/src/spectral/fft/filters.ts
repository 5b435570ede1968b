// What filters spectra: weights of a frequency, shared by lines or each line's own.
import {
  checkOptions,
  having,
  listOf,
  nonNegativeInteger,
  positiveInteger,
  trueOrFalse,
} from '../../contract/check-options.ts';
import type { Filling, FillingBinding } from '../../contract/filling.ts';
import {
  type BetweenReference,
  type Complex,
  type FourierScope,
  type FrontReference,
  times,
} from './slots.ts';

/** A part of a line's number and how far apart in the weights its values lie, 0 where they share one. */
export interface LineDigit {
  readonly size: number;
  readonly stride: number;
}

export interface SpectrumFilterOptions {
  /** Complex weights in all. */
  readonly count: number;
  /** Digits of the outer and of the inner part of a line's number, innermost first; what is beyond them shares weights. */
  readonly outer: readonly LineDigit[];
  readonly inner: readonly LineDigit[];
  /** How far apart the weights of frequencies lie, 0 where they share one. */
  readonly stride: number;
  /** Weights are of half a spectrum: conjugate beyond, and where there is no beyond results are real. */
  readonly isHalf: boolean;
}

export interface LineFilterOptions {
  /** Weights of a line. */
  readonly bins: number;
  /** As of {@link SpectrumFilterOptions}. */
  readonly isHalf: boolean;
}

/** A filter in both places where a spectrum passes. */
export interface SpectrumFillings {
  readonly between: Filling<BetweenReference>;
  readonly front: Filling<FrontReference>;
}

/** Slots `between` and `front`: the spectrum times `<slot>.weights` `[count, 2]`, of a frequency and of digits of the line's number. */
export function spectrumFilter(options: SpectrumFilterOptions): SpectrumFillings {
  const digitList = listOf(having('an object of size and stride', 'size', 'stride'));
  checkOptions('spectrumFilter', options, {
    count: positiveInteger,
    outer: digitList,
    inner: digitList,
    stride: nonNegativeInteger,
    isHalf: trueOrFalse,
  });
  const { count, outer, inner, stride, isHalf } = options;
  const digits = (from: string, list: readonly LineDigit[]): string[] =>
    parts(list).flatMap(({ size, stride: step, passed }) =>
      step === 0 ? [] : [`${from} / ${passed}u % ${size}u * ${step}u`],
    );
  const placeOf = (from: number, list: readonly LineDigit[]): number =>
    parts(list).reduce(
      (sum, { size, stride: step, passed }) => sum + (Math.floor(from / passed) % size) * step,
      0,
    );
  return filled({
    id: `spectrum-filter ${JSON.stringify(options)}`,
    shape: [count, 2],
    isHalf,
    wgsl: [`frequency * ${stride}u`, ...digits('outer', outer), ...digits('inner', inner)].join(' + '),
    place: (frequency, from, into) => frequency * stride + placeOf(from, outer) + placeOf(into, inner),
  });
}

/** Slots `between` and `front`: the spectrum of each line times its own `<slot>.weights` `[outer, bins, inner, 2]`, as many lines as a run has. */
export function lineFilter(options: LineFilterOptions): SpectrumFillings {
  checkOptions('lineFilter', options, {
    bins: positiveInteger,
    isHalf: trueOrFalse,
  });
  const { bins, isHalf } = options;
  return filled({
    id: `line-filter ${bins} ${isHalf}`,
    shape: ['outer', bins, 'inner', 2],
    isHalf,
    wgsl: `(outer * ${bins}u + frequency) * inner_lines() + inner`,
    place: (frequency, outer, inner, { axes }) => (outer * bins + frequency) * axes.inner! + inner,
  });
}

interface Weights {
  readonly id: string;
  readonly shape: FillingBinding['shape'];
  readonly isHalf: boolean;
  /** Which weight is that of a `frequency` of a line, which has an `outer` and an `inner` part: an expression, and the same for the oracle. */
  readonly wgsl: string;
  readonly place: (frequency: number, outer: number, inner: number, scope: FourierScope) => number;
}

function filled({ id, shape, isHalf, wgsl, place }: Weights): SpectrumFillings {
  const bindings = {
    weights: { shape, dtype: 'float' as const, width: 2 as const },
  };
  const filterWgsl = (
    slot: string,
  ): string => `fn ${slot}_filtered(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> {
  let outer = line / inner_lines();
  let inner = line % inner_lines();
  let beyond = ${isHalf} && 2u * k > SIZE;
  let frequency = select(k, SIZE - k, beyond);
  let w = ${slot}_weights_load(${wgsl});
  let turned = product(z, select(w, vec2<f32>(w.x, -w.y), beyond));
  return select(turned, vec2<f32>(turned.x, 0.0), ${isHalf} && (k == 0u || 2u * k == SIZE));
}`;
  const filtered = (k: number, z: Complex, scope: FourierScope): Complex => {
    const { tensor, axes, line, round } = scope;
    const [size, lines] = [axes.size!, axes.inner ?? 1];
    const beyond = isHalf && 2 * k > size;
    const at = place(beyond ? size - k : k, Math.floor(line / lines), line % lines, scope);
    const [re, im] = [tensor('weights')[2 * at]!, tensor('weights')[2 * at + 1]!];
    const turned = times(z, [re, beyond ? -im : im], round);
    return isHalf && (k === 0 || 2 * k === size) ? [turned[0], 0] : turned;
  };
  return {
    between: {
      id,
      bindings,
      wgsl: (slot) => `${filterWgsl(slot)}
fn ${slot}(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return ${slot}_filtered(line, k, z); }`,
      reference: filtered,
    },
    front: {
      id,
      bindings,
      wgsl: (slot) => `${filterWgsl(slot)}
fn ${slot}(line: u32, n: u32) -> vec2<f32> { return ${slot}_filtered(line, n, sample(line, n)); }`,
      reference: (n, scope) => filtered(n, scope.sample(n), scope),
    },
  };
}

/** Digits with the product of the sizes before them. */
const parts = (digits: readonly LineDigit[]): (LineDigit & { readonly passed: number })[] => {
  let passed = 1;
  return digits.map((digit) => {
    const part = { ...digit, passed };
    passed *= digit.size;
    return part;
  });
};
