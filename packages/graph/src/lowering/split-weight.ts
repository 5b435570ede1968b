import { type Extent, extent, roundUp, times, TilewrightError } from '@tilewright/kernels';
import { storeEpilogue } from '@tilewright/kernels/fillings';
import { formatBytes } from '@tilewright/kernels/weights/unchecked';
import type { RowRange } from '@tilewright/kernels/weights';
import { bytesOfType, type KernelRequest, type LoweringContext, type WeightPart } from '../ir.ts';
import { columnRange, partBinding } from './column-range.ts';

/** Bytes that one binding of one buffer can hold. */
export function largestBinding({ capabilities: { limits } }: Pick<LoweringContext, 'capabilities'>): number {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  return Math.floor(most / 16) * 16;
}

/**
 * A product whose weight is larger than a binding as several products, each with some rows of the weight, that write
 * their columns of the same result. Everything else comes back as it is. Throws `limit-exceeded` where four columns are
 * already too much.
 */
export function splitRequest(request: KernelRequest, context: LoweringContext): readonly KernelRequest[] {
  const weight = request.bindings.b;
  const most = largestBinding(context);
  if (weight === undefined || !request.columnsOf) return [request];
  const [rows, k] = context.values[weight]!.shape as [number, number];
  const format = context.formatOf(weight);
  const sizeBytes = formatBytes(format, [rows, k]);
  if (sizeBytes <= most) return [request];

  const columns = request.problem.axes.n ?? request.problem.axes.f!;
  const stacked = rows / columns;
  const bytesOfColumns = (count: number): number => formatBytes(format, [stacked * count, k]);
  return sharesOf(columns, bytesOfColumns, most, weight).map(([from, to]) =>
    partRequest(request, context, columns, [from, to], {
      weight,
      rows: Array.from({ length: stacked }, (_, i): RowRange => [i * columns + from, i * columns + to]),
      sizeBytes: bytesOfColumns(to - from),
      columnar: Object.keys(request.columnsOf ?? {}).map(partBinding),
    }),
  );
}

/**
 * Ranges of `count` rows, of equal sizes that are multiples of 4, each at most `most` bytes. Throws `limit-exceeded`
 * where four are already too much.
 */
export function sharesOf(
  count: number,
  bytesOf: (count: number) => number,
  most: number,
  weight: string,
): readonly RowRange[] {
  // Sections of a format are padded, so the proportional guess may be a little too large.
  let widest = Math.floor((most * count) / bytesOf(count) / 4) * 4;
  while (widest > 0 && bytesOf(widest) > most) widest -= 4;
  if (widest === 0)
    throw new TilewrightError('limit-exceeded', {
      subject: weight,
      problem: `its smallest part takes ${bytesOf(4)} bytes`,
      requirement: `the device binds at most ${most} bytes at once, and a part has four rows or more`,
      fix: 'compress the weight, or use a device with a larger maxStorageBufferBindingSize',
    });
  const share = roundUp(Math.ceil(count / Math.ceil(count / widest)), 4);
  return Array.from({ length: Math.ceil(count / share) }, (_, i): RowRange => [
    i * share,
    Math.min(count, (i + 1) * share),
  ]);
}

/** What a part of a weight is bound as: one buffer for all that read the same rows. */
export const partName = ({ weight, rows }: Pick<WeightPart, 'weight' | 'rows'>): string =>
  `${weight} [rows ${rows.map(([from, to]) => `${from} to ${to - 1}`).join(', ')}]`;

function partRequest(
  request: KernelRequest,
  context: LoweringContext,
  columns: number,
  range: RowRange,
  part: WeightPart,
): KernelRequest {
  const { problem, bindings } = request;
  const [from, to] = range;
  const { n: _n, f, stacked: _stacked, ...axes } = problem.axes;
  const own = f === undefined ? { n: to - from } : { f: to - from, stacked: 2 * (to - from) };
  const whole = problem.slots?.epilogue ?? storeEpilogue;
  const renamed = <T>(record: Readonly<Record<string, T>> = {}): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [partBinding(name), value]));
  return {
    ...request,
    problem: {
      ...problem,
      axes: { ...axes, ...own },
      dtypes: renamed(problem.dtypes),
      slots: {
        ...problem.slots,
        epilogue: columnRange(whole, { from, columns }),
      },
    },
    bindings: { ...renamed(bindings), b: partName(part) },
    addressedBytes: renamed(addressedByPart(request, context, range)),
    flops: times(extent('floor/', request.flops, columns), to - from),
    part,
  };
}

/** Of tensors that hold columns of the result, a part addresses only its own. */
function addressedByPart(
  { bindings, addressedBytes = {}, columnsOf = {} }: KernelRequest,
  { values, sizes }: LoweringContext,
  [from, to]: RowRange,
): Record<string, Extent> {
  const addressed: Record<string, Extent> = { ...addressedBytes };
  for (const [binding, [start, end]] of Object.entries(columnsOf)) {
    const whole = addressedBytes[binding] ?? bytesOfType(values[bindings[binding]!]!, sizes);
    const shared = Math.max(0, Math.min(to, end) - Math.max(from, start));
    addressed[binding] = extent('floor/', times(whole, shared), end - start);
  }
  return addressed;
}
