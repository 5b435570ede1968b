// What fills the slots of `fft`, besides filters.
import { checkOptions, nonNegativeInteger, oneOf } from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import {
  type BackReference,
  type Complex,
  type FourierScope,
  type FrontReference,
  ownBin,
  times,
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
    wgsl: (slot) => `${
      order === 'own' ? ownBin(slot) : `fn ${slot}_bin(n: u32) -> u32 { return ${taken[order]}; }`
    }
fn ${slot}(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return product(z, ${slot}_factors_load(k)); }`,
    reference: {
      value: (k, z, { tensor, axes, round }) =>
        k < axes.bins! ? times(z, [tensor('factors')[2 * k]!, tensor('factors')[2 * k + 1]!], round) : z,
      bin: (k, axes) => takenAt[order](k, axes.size!),
    },
  };
}

/** Slot `front`: the first `count` elements, 0 for those behind. */
export function cutFront(count: number): Filling<FrontReference> {
  checkOptions('cutFront', { count }, { count: nonNegativeInteger });
  return {
    id: `cut ${count}`,
    wgsl: (slot) => `fn ${slot}(line: u32, n: u32) -> vec2<f32> {
  if (n >= ${count}u) { return vec2<f32>(0.0); }
  return sample(line, n);
}`,
    reference: (n, { sample }) => (n < count ? sample(n) : [0, 0]),
  };
}

/** Slot `front`: `front.impulse` `[inner]`, real, is added to the element `place` of the lines whose outer part is 0: a filter that also passes x on. */
export function impulseFront(place: number): Filling<FrontReference> {
  checkOptions('impulseFront', { place }, { place: nonNegativeInteger });
  return {
    id: `impulse ${place}`,
    bindings: { impulse: { shape: ['inner'], dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(line: u32, n: u32) -> vec2<f32> {
  let z = sample(line, n);
  if (n != ${place}u || line >= inner_lines()) { return z; }
  return vec2<f32>(z.x + ${slot}_impulse_load(line), z.y);
}`,
    reference: (n, { tensor, axes, sample, line, round }) => {
      const [re, im] = sample(n);
      if (n !== place || line >= axes.inner!) return [re, im];
      return [round(re + tensor('impulse')[line]!), im];
    },
  };
}

/** Slot `back`: results from element `first` on, those before it are dropped. */
export function shiftBack(first: number): Filling<BackReference> {
  checkOptions('shiftBack', { first }, { first: nonNegativeInteger });
  return {
    id: `shift ${first}`,
    wgsl: (slot) => `fn ${slot}_bin(k: u32) -> u32 { return k - ${first}u; }
fn ${slot}(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return z; }`,
    // Places before the first are large as u32.
    reference: { value: (_, z) => z, bin: (k) => (k < first ? Infinity : k - first) },
  };
}
