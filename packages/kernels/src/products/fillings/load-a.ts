import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import type { LoadAReference } from './slots.ts';

/** The activation as it is. */
export const plainA: Filling<LoadAReference> = {
  id: 'plain',
  wgsl: (slot) => `fn ${slot}(row: u32, quad: u32, v: vec4<f32>) -> vec4<f32> { return v; }`,
  reference: ({ a }) => a,
};

/**
 * The activation times a number for each of its `columns`: the gain of a norm in front of a weight that is already
 * compressed, into which no gain can be folded. Binding: `gain`, `[columns]`, float.
 */
export function columnGain(options: { readonly columns: number }): Filling<LoadAReference> {
  checkOptions('columnGain', options, { columns: positiveInteger });
  const { columns } = options;
  const quads = columns % 4 === 0;
  const gain = (slot: string): string => {
    if (quads) return `${slot}_gain_load(min(quad, ${columns / 4 - 1}u))`;
    // Beyond the row the activation is zero: any gain will do.
    const at = [0, 1, 2, 3].map((i) => `${slot}_gain_load(min(4u * quad + ${i}u, ${columns - 1}u))`);
    return `vec4<f32>(${at.join(', ')})`;
  };
  return {
    id: `column-gain-${columns}`,
    bindings: { gain: { shape: [columns], dtype: 'float', width: quads ? 4 : 1 } },
    wgsl: (slot) =>
      `fn ${slot}(row: u32, quad: u32, v: vec4<f32>) -> vec4<f32> { return v * ${gain(slot)}; }`,
    reference: ({ a, columns: k, inputs, round }) => a.map((value, i) => round(value * inputs.gain![i % k]!)),
  };
}
