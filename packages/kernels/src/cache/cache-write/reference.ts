import type { Oracle } from '../../contract/check.ts';
import { memoryOrder, rowAddress } from '../../memory/memory-order.ts';
import { updatePattern } from './order.ts';

export const cacheWriteReference: Oracle = ({ axes, options, inputs }) => {
  const { batch, outer, tokens, capacity, inner } = axes as Record<string, number>;
  const { past, update, starts, positions } = inputs as Record<string, Float64Array>;
  const order = memoryOrder('cache-write', 'update_strides', updatePattern(options), false);
  const from = rowAddress(order, { b: batch!, s: tokens!, h: outer!, d: inner! });
  const cache = (past ?? inputs.cache!).slice();
  const write = (sequence: number, row: number, source: number, token: number): void => {
    if (row >= capacity! || sequence >= batch!) return;
    for (let line = 0; line < outer!; line++) {
      const at = from(source, line, token);
      cache.set(update!.subarray(at, at + inner!), ((sequence * outer! + line) * capacity! + row) * inner!);
    }
  };
  for (let token = 0; token < tokens!; token++) {
    const own = positions?.[2 * token + 1];
    if (own !== undefined) write(Math.floor(own / capacity!), own % capacity!, 0, token);
    else
      for (let sequence = 0; sequence < batch!; sequence++) {
        const place = (starts?.[sequence] ?? 0) + token;
        write(sequence, options.circular ? place % capacity! : place, sequence, token);
      }
  }
  return { cache };
};
