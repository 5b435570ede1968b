import type { KernelRow } from '../suite/row.ts';
import { duration, figure, percent } from './format.ts';
import { html, type Markup, nothing } from './markup.ts';

const width = 640;
const height = 440;
const margin = { left: 62, right: 14, top: 14, bottom: 50 };

type Shape = (x: number, y: number) => string;

/** Marks that differ in form as well as in colour. */
const shapes: readonly Shape[] = [
  (x, y) => `M${x - 5} ${y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z`,
  (x, y) => `M${x - 5} ${y - 5}h10v10h-10z`,
  (x, y) => `M${x} ${y - 6}l6 11h-12z`,
  (x, y) => `M${x} ${y - 6}l6 6l-6 6l-6 -6z`,
];
const colours = 8;

interface Axis {
  readonly ticks: readonly number[];
  readonly place: (value: number) => number;
}

/**
 * A logarithmic axis over whole decades that holds all `values`, laid from pixel `from` to `to`. Tick labels are powers
 * of ten.
 */
function logAxis(values: readonly number[], from: number, to: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    place: (value) => Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10,
  };
}

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
  const x = logAxis(xs, margin.left, width - margin.right);
  const y = logAxis([...points.map((point) => point.y), fmaGFLOPs, copyGBps * Math.min(...xs)], height - margin.bottom, margin.top);
  const [first, last] = [x.ticks[0]!, x.ticks.at(-1)!];
  const lowest = y.ticks[0]!;
  const start = Math.max(first, lowest / copyGBps);
  const roof = [
    [start, Math.min(fmaGFLOPs, copyGBps * start)],
    ...(ridge > start && ridge < last ? [[ridge, fmaGFLOPs]] : []),
    [last, Math.min(fmaGFLOPs, copyGBps * last)],
  ].map(([a, b]) => `${x.place(a!)},${y.place(b!)}`);
  const kernels = [...new Set(points.map(({ row }) => row.kernel))];
  const mark = (kernel: string): { readonly shape: Shape; readonly colour: string } => {
    const index = kernels.indexOf(kernel);
    return { shape: shapes[Math.floor(index / colours + index) % shapes.length]!, colour: `var(--s${index % colours})` };
  };
  return html`<figure>
<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Roofline: speed of each workload over its arithmetic intensity">
${x.ticks.map((tick) => html`<line class="grid" x1="${x.place(tick)}" x2="${x.place(tick)}" y1="${margin.top}" y2="${height - margin.bottom}"/>
<text class="quiet" x="${x.place(tick)}" y="${height - margin.bottom + 18}" text-anchor="middle">${figure(tick)}</text>`)}
${y.ticks.map((tick) => html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y.place(tick)}" y2="${y.place(tick)}"/>
<text class="quiet" x="${margin.left - 8}" y="${y.place(tick) + 5}" text-anchor="end">${figure(tick)}</text>`)}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 8}" text-anchor="middle">operations per byte</text>
<text transform="translate(16 ${(height - margin.bottom) / 2}) rotate(-90)" text-anchor="middle">GFLOP/s</text>
<polyline class="roof" points="${roof.join(' ')}"/>
${points.map((point) => {
    const { shape, colour } = mark(point.row.kernel);
    return html`<path class="point" fill="${colour}" d="${shape(x.place(point.x), y.place(point.y))}"><title>${pointTitle(point.row)}</title></path>`;
  })}
</svg>
<ul class="legend">${kernels.map((kernel) => {
    const { shape, colour } = mark(kernel);
    return html`<li><svg viewBox="-7 -7 14 14" aria-hidden="true"><path fill="${colour}" d="${shape(0, 0)}"/></svg>${kernel}</li>`;
  })}</ul>
<figcaption>Each point is a workload at its median time, by the bytes and operations it cannot do without. The line is what
this adapter reached in the same run: ${figure(copyGBps)} GB/s copying, ${figure(fmaGFLOPs)} GFLOP/s multiplying and adding.
Points above the slope ran from a cache.</figcaption>
</figure>`;
}

function pointTitle({ kernel, workload, model, dtypes, timeMs, percentOfCopy, percentOfFma }: KernelRow): string {
  const types = [...new Set(Object.values(dtypes))].join('+');
  return (
    `${kernel}, ${workload} of ${model}, ${types}: ${duration(timeMs!.p50)}, ` +
    `${percent(percentOfCopy!)} of copy, ${percent(percentOfFma!)} of multiply-add`
  );
}
