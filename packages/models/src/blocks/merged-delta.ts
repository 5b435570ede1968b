import { concat } from '@tilewright/graph/operators/concat';
import type { Axis } from '../architectures/architecture.ts';
import { columns, shaped } from './columns.ts';
import { gatedDelta } from './gated-delta.ts';
import { linear } from './linear.ts';
import type { Mixer } from './mixer.ts';
import { shortConvolution } from './short-convolution.ts';

export interface MergedDeltaShape {
  readonly hidden: Axis;
  readonly keyHeads: Axis;
  readonly valueHeads: Axis;
  readonly keySize: Axis;
  readonly valueSize: Axis;
  readonly epsilon: number;
  readonly taps: Axis;
}

/**
 * {@link gatedDelta} as Qwen3-Next has it: `NAME.in_proj_qkvz` makes for each key head its query, its key, and the values and gates of the
 * value heads that share it, `NAME.in_proj_ba` likewise; one convolution for queries, keys and values.
 */
export const mergedDelta =
  ({ hidden, keyHeads, valueHeads, keySize, valueSize, epsilon, taps }: MergedDeltaShape): Mixer =>
  (m, x, name) => {
    const [k, v, group] = [keySize.size, valueSize.size, valueHeads.size / keyHeads.size];
    const keys: Axis = { size: keyHeads.size * k, from: `${keyHeads.from} × ${keySize.from}` };
    const values: Axis = { size: valueHeads.size * v, from: `${valueHeads.from} × ${valueSize.from}` };
    /** Parts of a projection that has all of them for each key head. */
    const parts = (part: string, out: Axis, sizes: readonly number[]): readonly string[] => {
      const projected = linear(m, x, `${name}.${part}`, { out, in: hidden, bias: undefined });
      const each = sizes.reduce((sum, size) => sum + size);
      const heads = shaped(m, projected, [keyHeads.size, each], `${name}.${part}.heads`);
      const found = columns(m, heads, sizes, `${name}.${part}.parts`);
      return found.map((value, i) => shaped(m, value, [keyHeads.size * sizes[i]!], `${name}.${part}.${i}`));
    };
    const wide: Axis = { size: 2 * (keys.size + values.size), from: `2 × ${keys.from} + 2 × ${values.from}` };
    const [query, key, value, z] = parts('in_proj_qkvz', wide, [k, k, group * v, group * v]);
    const both: Axis = { size: 2 * valueHeads.size, from: `2 × ${valueHeads.from}` };
    const [b, a] = parts('in_proj_ba', both, [group, group]);
    const channels: Axis = { size: 2 * keys.size + values.size, from: `2 × ${keys.from} + ${values.from}` };
    const joined = { inputs_0: query, inputs_1: key, inputs_2: value };
    const mixed = m.graph.node(concat, joined, { axis: -1 }, `${name}.mixed`).concat_result!;
    const convolved = shortConvolution(m, mixed, `${name}.conv1d`, { channels, taps, bias: undefined });
    const [qk, convolvedValue] = columns(m, convolved, [2 * keys.size, values.size], `${name}.convolved`);
    const y = gatedDelta(
      m,
      name,
      { qk: qk!, v: convolvedValue!, a: a!, b: b!, z: z!, norm: 'norm' },
      { keyHeads: keyHeads.size, valueHeads, keySize: k, valueSize: v, epsilon },
    );
    return linear(m, y, `${name}.out_proj`, { out: hidden, in: values, bias: undefined });
  };
