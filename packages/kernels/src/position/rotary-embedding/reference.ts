import { memoryOrder, rowAddress } from '../../memory/memory-order.ts';
import type { Oracle } from '../../contract/check.ts';

export const rotaryEmbeddingReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, heads, head_size: size, half, table_rows: rows } = axes as Record<string, number>;
  const { x, cosine, sine, positions } = inputs as Record<string, Float64Array>;
  const order = memoryOrder('rotary-embedding', 'order', String(options.order), true);
  const rowAt = rowAddress(order, { b: batch!, s: tokens!, h: heads!, d: size! });
  const y = x!.slice();
  for (let b = 0; b < batch!; b++)
    for (let token = 0; token < tokens!; token++)
      for (let head = 0; head < heads!; head++) {
        const own = b * tokens! + token;
        const table = (options.positions ? Math.min(positions![own]!, rows! - 1) : own) * half!;
        for (let i = 0; i < half!; i++) {
          const first = rowAt(b, head, token) + (options.interleaved ? 2 * i : i);
          const second = first + (options.interleaved ? 1 : half!);
          const [cos, sin] = [cosine![table + i]!, sine![table + i]!];
          y[first] = round(round(x![first]! * cos) - round(x![second]! * sin));
          y[second] = round(round(x![second]! * cos) + round(x![first]! * sin));
        }
      }
  return { y };
};
