// What fills the slots of `fft`.
import {
  checkOptions,
  having,
  listOf,
  nonNegativeInteger,
  oneOf,
  positiveInteger,
  trueOrFalse,
} from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import {
  type BackReference,
  type BetweenReference,
  type Complex,
  type FourierScope,
  type FrontReference,
  ownBin,
} from './slots.ts';

/** Slot `front`: samples are multiplied by `front.window` `[length]`. */
export const windowFront: Filling<FrontReference> = /* @__PURE__ */ Object.freeze({
  id: 'window',
  bindings: { window: { shape: ['length'], dtype: 'float' as const } },
  wgsl: (slot: string) => `fn ${slot}(line: u32, n: u32) -> vec2<f32> {
  if (n >= LENGTH) { return vec2<f32>(0.0); }
  return ${slot}_window_load(n) * sample(line, n);
}`,
  reference: (n: number, { tensor, axes, sample, round }: FourierScope): Complex =>
    n < axes.length! ? times([tensor('window')[n]!, 0], sample(n), round) : [0, 0],
});

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

/** Slots `between` and `front`: the spectrum times `<slot>.weights` `[count, 2]`, of a frequency and of digits of the line's number. */
export function spectrumFilter(options: SpectrumFilterOptions): {
  readonly between: Filling<BetweenReference>;
  readonly front: Filling<FrontReference>;
} {
  const digitList = listOf(having('an object of size and stride', 'size', 'stride'));
  checkOptions('spectrumFilter', options, {
    count: positiveInteger,
    outer: digitList,
    inner: digitList,
    stride: nonNegativeInteger,
    isHalf: trueOrFalse,
  });
  const { count, outer, inner, stride, isHalf } = options;
  const id = `spectrum-filter ${JSON.stringify(options)}`;
  const bindings = { weights: { shape: [count, 2], dtype: 'float' as const, width: 2 as const } };
  const digits = (from: string, list: readonly LineDigit[]): string[] =>
    parts(list).flatMap(({ size, stride: step, passed }) =>
      step === 0 ? [] : [`${from} / ${passed}u % ${size}u * ${step}u`],
    );
  const filterWgsl = (
    slot: string,
  ): string => `fn ${slot}_filtered(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> {
  let outer = line / inner_lines();
  let inner = line % inner_lines();
  let beyond = ${isHalf} && 2u * k > SIZE;
  let frequency = select(k, SIZE - k, beyond);
  let w = ${slot}_weights_load(${[`frequency * ${stride}u`, ...digits('outer', outer), ...digits('inner', inner)].join(' + ')});
  let turned = product(z, select(w, vec2<f32>(w.x, -w.y), beyond));
  return select(turned, vec2<f32>(turned.x, 0.0), ${isHalf} && (k == 0u || 2u * k == SIZE));
}`;
  const filtered = (k: number, z: Complex, { tensor, axes, line, round }: FourierScope): Complex => {
    const [size, lines] = [axes.size!, axes.inner ?? 1];
    const beyond = isHalf && 2 * k > size;
    const placeOf = (from: number, list: readonly LineDigit[]): number =>
      parts(list).reduce(
        (sum, { size: of, stride: step, passed }) => sum + (Math.floor(from / passed) % of) * step,
        0,
      );
    const at =
      (beyond ? size - k : k) * stride +
      placeOf(Math.floor(line / lines), outer) +
      placeOf(line % lines, inner);
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

/** In which order the elements of a line are taken, of `LENGTH`. */
export type ElementOrder = 'own' | 'folded' | 'interleaved';

const checkOrder = (subject: string, order: ElementOrder): void =>
  checkOptions(subject, { order }, { order: oneOf('own', 'folded', 'interleaved') });

const taken: Readonly<Record<ElementOrder, string>> = {
  own: 'n',
  // To the end and back.
  folded: 'min(n, SIZE - n)',
  // The even ones, then the odd ones from the end.
  interleaved: 'select(2u * (SIZE - n) - 1u, 2u * n, 2u * n < SIZE)',
};

const takenAt: Readonly<Record<ElementOrder, (n: number, size: number) => number>> = {
  own: (n) => n,
  folded: (n, size) => Math.min(n, size - n),
  interleaved: (n, size) => (2 * n < size ? 2 * n : 2 * (size - n) - 1),
};

/** Slot `front`: elements in another order, each times its own of `front.factors` `[length, 2]`, complex. */
export function factorFront(order: ElementOrder): Filling<FrontReference> {
  checkOrder('factorFront', order);
  return {
    id: `factors ${order}`,
    bindings: { factors: { shape: ['length', 2], dtype: 'f32', width: 2 } },
    wgsl: (slot) => `fn ${slot}(line: u32, n: u32) -> vec2<f32> {
  let at = ${taken[order]};
  if (at >= LENGTH) { return vec2<f32>(0.0); }
  return product(sample(line, at), ${slot}_factors_load(at));
}`,
    reference: (n, { tensor, axes, sample, round }) => {
      const at = takenAt[order](n, axes.size!);
      if (at >= axes.length!) return [0, 0];
      return times(sample(at), [tensor('factors')[2 * at]!, tensor('factors')[2 * at + 1]!], round);
    },
  };
}

/** Slot `back`: elements times `back.factors` `[bins, 2]`, complex, stored in another order. */
export function factorBack(order: ElementOrder): Filling<BackReference> {
  checkOrder('factorBack', order);
  return {
    id: `factors ${order}`,
    bindings: { factors: { shape: ['bins', 2], dtype: 'f32', width: 2 } },
    wgsl: (
      slot,
    ) => `${order === 'own' ? ownBin(slot) : `fn ${slot}_bin(n: u32) -> u32 { return ${taken[order]}; }`}
fn ${slot}(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return product(z, ${slot}_factors_load(k)); }`,
    reference: {
      value: (k, z, { tensor, axes, round }) =>
        k < axes.bins! ? times(z, [tensor('factors')[2 * k]!, tensor('factors')[2 * k + 1]!], round) : z,
      bin: (k, axes) => takenAt[order](k, axes.size!),
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

const times = ([a, b]: Complex, [c, d]: Complex, round: (value: number) => number): Complex => [
  round(round(a * c) - round(b * d)),
  round(round(a * d) + round(b * c)),
];
