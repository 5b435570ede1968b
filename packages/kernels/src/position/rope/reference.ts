import type { Oracle } from '../../contract/check.ts';
import { memoryOrder, rowAddress } from '../../memory/memory-order.ts';

export const ropeReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, heads, head_size: size, half, table_rows: rows } = axes;
  const { x, cos_sin: pairs, cosine, sine, positions } = inputs as Record<string, Float64Array>;
  const sizes = { b: batch!, s: tokens!, h: heads!, d: size! };
  const [from, to] = (['x_strides', 'y_strides'] as const).map((option) =>
    rowAddress(memoryOrder('rope', option, String(options[option]), option === 'y_strides'), sizes),
  );
  const y = new Float64Array(batch! * tokens! * heads! * size!);
  for (let b = 0; b < batch!; b++)
    for (let token = 0; token < tokens!; token++) {
      const own = b * tokens! + token;
      const table = options.positions === 'none' ? own : Math.min(positions![own]!, rows! - 1);
      for (let head = 0; head < heads!; head++) {
        const [source, target] = [from!(b, head, token), to!(b, head, token)];
        y.set(x!.subarray(source, source + size!), target);
        for (let i = 0; i < half!; i++) {
          const at = table * half! + i;
          const [cos, sin] = pairs ? [pairs[2 * at]!, pairs[2 * at + 1]!] : [cosine![at]!, sine![at]!];
          const first = options.interleaved ? 2 * i : i;
          const second = options.interleaved ? first + 1 : first + half!;
          const [a, c] = [x![source + first]!, x![source + second]!];
          y[target + first] = round(round(a * cos) - round(c * sin));
          y[target + second] = round(round(c * cos) + round(a * sin));
        }
      }
    }
  return { y };
};
