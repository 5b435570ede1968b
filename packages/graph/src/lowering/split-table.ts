import { extent, times } from '@tilewright/kernels';
import { formatBytes } from '@tilewright/kernels/weights/unchecked';
import type { KernelRequest, LoweringContext } from '../ir.ts';
import { largestBinding, partName, sharesOf } from './split-weight.ts';

/**
 * A gather from a table that is larger than a binding as several gathers, each from some rows of the table. The first
 * writes zeros for what it does not have, the others leave that as it is. Everything else comes back as it is.
 */
export function splitTable(request: KernelRequest, context: LoweringContext): readonly KernelRequest[] {
  const weight = request.bindings.table;
  if (weight === undefined) return [request];
  const [rows, columns] = context.values[weight]!.shape as [number, number];
  const bytesOf = (count: number): number => formatBytes(context.formatOf(weight), [count, columns]);
  const most = largestBinding(context);
  if (bytesOf(rows) <= most) return [request];
  const { problem, bindings, addressedBytes = {} } = request;
  const addressed = addressedBytes.table ?? bytesOf(rows);
  const { vocab: _vocab, ...axes } = problem.axes;
  return sharesOf(rows, bytesOf, most, weight).map(([from, to], i) => {
    const part = {
      weight,
      rows: [[from, to]] as const,
      sizeBytes: bytesOf(to - from),
      columnar: [],
    };
    return {
      ...request,
      problem: {
        ...problem,
        axes: { ...axes, vocab: to - from },
        options: {
          ...problem.options,
          first_row: from,
          others: i === 0 ? 'zero' : 'keep',
        },
      },
      bindings: { ...bindings, table: partName(part) },
      // Which part a token's row is in shows at run time; over a text they share the rows by their sizes.
      addressedBytes: {
        ...addressedBytes,
        table: extent('floor/', times(addressed, to - from), rows),
      },
      part,
    };
  });
}
