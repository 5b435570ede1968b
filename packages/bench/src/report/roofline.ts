import type { KernelRow } from '../suite/row.ts';
import { duration, figure, percent } from './format.ts';
import { type Axis, grid, height, horizontal, vertical, width } from './log-axes.ts';
import { legend, markOf } from './marks.ts';
import { html, type Markup, nothing } from './markup.ts';

/** Every timed row that computes something, against the ceilings measured in the same run. */
export function roofline(rows: readonly KernelRow[]): Markup {
  const points = rows.flatMap((row) => {
    const { flops, bytes, gigaflopsPerSecond } = row;
    return gigaflopsPerSecond !== null && flops > 0 ? [{ row, x: flops / bytes, y: gigaflopsPerSecond }] : [];
  });
  if (points.length === 0) return nothing;
  const { copyGBps, fmaGFLOPs } = rows[0]!.peaks;
  const ridge = fmaGFLOPs / copyGBps;
  const xs = [...points.map(({ x }) => x), ridge / 4, ridge * 4];
  const ys = [...points.map(({ y }) => y), fmaGFLOPs, copyGBps * Math.min(...xs)];
  const x = horizontal(xs);
  const y = vertical(ys);
  const kernels = [...new Set(points.map(({ row }) => row.kernel))];
  return html`<figure>
    <svg
      class="plot"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label="Roofline: speed of each workload over its arithmetic intensity"
    >
      ${grid(x, y, { x: 'operations per byte', y: 'GFLOP/s' })}
      <polyline class="roof" points="${ceiling(x, y, rows[0]!.peaks)}" />
      ${points.map((point) => {
        const { shape, colour } = markOf(kernels, point.row.kernel);
        return html`<path class="point" fill="${colour}" d="${shape(x.place(point.x), y.place(point.y))}">
          <title>${pointTitle(point.row)}</title>
        </path>`;
      })}
    </svg>
    ${legend(kernels)}
    <figcaption>
      Each point is a workload at its median time, by the bytes and operations it cannot do without. The line
      is what this adapter reached in the same run: ${figure(copyGBps)} GB/s copying, ${figure(fmaGFLOPs)}
      GFLOP/s multiplying and adding. Points above the slope ran from a cache.
    </figcaption>
  </figure>`;
}

/** The slope of the copy bandwidth up to the plateau of the multiply-adds. */
function ceiling(x: Axis, y: Axis, { copyGBps, fmaGFLOPs }: KernelRow['peaks']): string {
  const ridge = fmaGFLOPs / copyGBps;
  const last = x.ticks.at(-1)!;
  const first = Math.max(x.ticks[0]!, y.ticks[0]! / copyGBps);
  const corners = [first, ...(ridge > first && ridge < last ? [ridge] : []), last];
  return corners.map((at) => `${x.place(at)},${y.place(Math.min(fmaGFLOPs, copyGBps * at))}`).join(' ');
}

function pointTitle({
  kernel,
  workload,
  model,
  dtypes,
  timeMs,
  percentOfCopy,
  percentOfFma,
}: KernelRow): string {
  const types = [...new Set(Object.values(dtypes))].join('+');
  return (
    `${kernel}, ${workload} of ${model}, ${types}: ${duration(timeMs!.p50)}, ` +
    `${percent(percentOfCopy!)} of copy, ${percent(percentOfFma!)} of multiply-add`
  );
}
