import type { OptionValue } from '../contract/contract.ts';
import { TilewrightError } from '../contract/errors.ts';
import type { Sizes } from '../contract/extent.ts';
import { memoryOrder, type MemoryOrder } from '../memory/memory-order.ts';

export interface PlacedTensor {
  readonly order: MemoryOrder;
  readonly sizes: { readonly b: number; readonly s: number; readonly h: number; readonly d: number };
}

/** The memory orders of q, k, v and y with the sizes they apply to; all tokens are one row when packed. Throws `bad-argument` for a bad pattern. */
export function attentionOrders(
  { axes, options }: { readonly axes: Sizes; readonly options: Readonly<Record<string, OptionValue>> },
  kernel = 'attention',
): Readonly<Record<'q' | 'k' | 'v' | 'y', PlacedTensor>> {
  const { heads, kv_heads, head_size, value_size } = axes as Record<string, number> & Sizes;
  const whole = options.packed === true;
  const [batch, queries, keys] = whole
    ? [1, axes.tokens, axes.key_tokens]
    : [axes.batch, axes.queries, axes.keys];
  const place = (tensor: 'q' | 'k' | 'v' | 'y', s: number, h: number, d: number): PlacedTensor => {
    const option = `${tensor}_strides`;
    const order = memoryOrder(kernel, option, String(options[option]), tensor === 'y', {
      b: whole ? 0 : batch!,
      s,
      h,
    });
    if (whole && order.digits.some(({ axis, count }) => axis === 'b' && count !== undefined))
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `option '${option}' is '${order.pattern}'`,
        requirement: 'packed batch rows lie one after the other, so b is one digit',
        fix: `give ${option} such an order, or do not pack`,
      });
    return { order, sizes: { b: batch!, s, h, d } };
  };
  return {
    q: place('q', queries!, heads!, head_size!),
    k: place('k', keys!, kv_heads!, head_size!),
    v: place('v', keys!, kv_heads!, value_size!),
    y: place('y', queries!, heads!, value_size!),
  };
}
