// What the checks of the attention kernels share: sizes in short, run-time lengths, and how far a result may be off.
import type { CheckCase, CheckInputs, KernelCheck } from '../contract/check.ts';
import type { StorageType } from '../contract/contract.ts';
import type { Kernel } from '../contract/define-kernel.ts';
import { attentionCost } from './cost.ts';
import { attentionReference } from './reference.ts';

/** `[batch, queries, keys, heads, kv_heads, head_size, value_size]`. */
type ShortSizes = readonly [number, number, number, number, number, number, number?];

/** Keys and values head by head, as most caches have them. */
export const headMajor = { k_strides: 'bhsd', v_strides: 'bhsd' } as const;

/** A case with {@link headMajor} keys and values, where `rest` does not name other orders. */
export function attentionCase(sizes: ShortSizes, rest: Partial<CheckCase> = {}): CheckCase {
  const [batch, queries, keys, heads, kv_heads, head_size, value_size = head_size] = sizes;
  return {
    ...rest,
    options: { ...headMajor, ...rest.options },
    axes: { batch, queries, keys, heads, kv_heads, head_size, value_size, ...rest.axes },
  };
}

/** The same of a kernel that chooses or is named `selected` keys for each query, and has no values. */
export function selectedCase(sizes: ShortSizes, selected: number, rest: Partial<CheckCase> = {}): CheckCase {
  const { axes, ...others } = scoresCase(sizes, rest);
  return { ...others, axes: { ...axes, selected } };
}

/** The same without what has to do with values. */
export function scoresCase(sizes: ShortSizes, rest: Partial<CheckCase> = {}): CheckCase {
  const { axes, options, ...others } = attentionCase(sizes, rest);
  const { value_size: _, ...scoredAxes } = axes;
  const { v_strides: __, ...scoredOptions } = options!;
  return { ...others, axes: scoredAxes, options: scoredOptions };
}

/** Half-precision caches under f32 queries and outputs: the storage of the cases that are about something else. */
export const mixedStorage: Readonly<Record<string, StorageType>> = { q: 'f32', k: 'f16', v: 'f16', y: 'f32' };

/** Lengths from 1 to the capacity (the first row is full), and whatever the masks of a case need. */
export function attentionInputs({ axes, options, slots }: CheckCase, random: () => number): CheckInputs {
  const { batch, queries, keys } = axes as Readonly<Record<'batch' | 'queries' | 'keys', number>>;
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const draw = (count: number, each: (i: number) => number): Uint32Array =>
    Uint32Array.from({ length: count }, (_, i) => each(i));
  const inputs: Record<string, Uint32Array> = {};
  // With a log-sum-exp wanted, no row is without keys: its value there would dwarf all others.
  const least = options?.lse === true ? Math.min(keys, queries) : 1;
  if (options?.lengths === true)
    inputs.lengths = draw(batch, (i) => (i === 0 ? keys : least + upTo(keys - least)));
  if (options?.packed === true)
    for (const [name, tokens] of [
      ['q_starts', axes.tokens!],
      ['k_starts', axes.key_tokens!],
    ] as const)
      inputs[name] = draw(axes.bounds!, () => upTo(tokens))
        .sort()
        .map((start, i) => (i === 0 ? 0 : i === batch ? tokens : start));
  if (options?.blocks === 'listed') {
    // Every list has its share of the entries, each block of keys with the same probability.
    const { list_bounds: bounds, listed } = axes as Readonly<Record<'list_bounds' | 'listed', number>>;
    const blocks = Math.ceil(keys / Number(options.block_size));
    const starts = draw(bounds, (i) => Math.floor((i * listed) / (bounds - 1)));
    inputs.block_starts = starts;
    inputs.block_keys = Uint32Array.from(
      [...starts.subarray(1)].flatMap((end, list) => {
        const order = Array.from({ length: blocks }, (_, block) => [random(), block] as const);
        const drawn = order.sort(([a], [b]) => a - b).slice(0, end - starts[list]!);
        return drawn.map(([, block]) => block).sort((a, b) => a - b);
      }),
    );
  }
  for (const [name, binding] of Object.entries(slots?.mask?.bindings ?? {})) {
    if (binding.dtype !== 'u32') continue;
    const count = binding.shape.reduce<number>(
      (product, size) => product * (typeof size === 'number' ? size : axes[size]!),
      1,
    );
    if (name.endsWith('prefix')) inputs[`mask.${name}`] = draw(count, () => upTo(keys));
    else if (name.endsWith('documents'))
      inputs[`mask.${name}`] = draw(count, (i) => Math.floor((i % keys) / 9));
    else inputs[`mask.${name}`] = draw(count, () => upTo(1));
  }
  return inputs;
}

/** A check of an attention kernel by some cases more, in f32: storage types are the kernels' own checks' business. */
export const attentionCheck = (kernel: Kernel, cases: readonly CheckCase[]): KernelCheck => ({
  kernel,
  reference: attentionReference,
  cost: attentionCost,
  inputs: attentionInputs,
  cases,
  workloads: [],
  dtypes: ['f32'],
  spreads: ['v'],
  floor: attentionFloor,
});

/**
 * WGSL's exp is good to 3 + 2|x| ULP, with |x| the distance of a score from the largest: weights at distance 20, which
 * hardly count any more, may be off by 43 ULP; at distance 2, which make up most outputs, by 7. Sums run in another order
 * than the oracle's, over keys in blocks. Soft-caps add tanh's 1e-5 times the cap to a score.
 */
export function attentionFloor({ axes, options }: CheckCase): number {
  const capped = Number(options?.softcap ?? 0);
  return (16 + Math.sqrt(axes.keys!)) * 2 ** -23 + capped * 1e-5;
}
