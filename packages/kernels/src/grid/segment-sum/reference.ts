import { memoryOrder, rowAddress } from '../../memory/memory-order.ts';
import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const segmentSumReference: Oracle = ({ axes, inputs, options, round }) => {
  const { batch, heads, lists, tokens, segments, channels } = axes as Record<string, number>;
  const addressOf = (tensor: 'x' | 'y', rows: number): ReturnType<typeof rowAddress> =>
    rowAddress(memoryOrder('segment-sum', tensor, String(options[`${tensor}_strides`]), false), {
      b: batch!,
      s: rows,
      h: heads!,
      d: channels!,
    });
  const [from, to] = [addressOf('x', tokens!), addressOf('y', segments!)];
  const y = new Float64Array(batch! * heads! * segments! * channels!);
  const counts = new Float64Array(batch! * lists! * segments!);
  for (let b = 0; b < batch!; b++)
    for (let head = 0; head < heads!; head++)
      for (let segment = 0; segment < segments!; segment++) {
        const row = b * lists! + (lists === 1 ? 0 : head);
        const own = Array.from({ length: tokens! }, (_, token) => token).filter(
          (token) => inputs.assignment![row * tokens! + token] === segment,
        );
        counts[row * segments! + segment] = own.length;
        for (let c = 0; c < channels!; c++) {
          const sum = pairwiseSum(
            own.map((token) => inputs.x![from(b, head, token) + c]!),
            round,
          );
          const divisor = options.operation === 'mean' ? Math.max(own.length, 1) : 1;
          y[to(b, head, segment) + c] = round(sum / divisor);
        }
      }
  return options.counts === true ? { y, counts } : { y };
};
