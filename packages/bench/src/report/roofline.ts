import type { KernelRow } from '../suite/row.ts';
import { duration, figure, percent } from './format.ts';
import { html, type Markup, nothing } from './markup.ts';

const width = 640;
const height = 440;
const margin = { left: 62, right: 26, top: 14, bottom: 50 };

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
  const ys = [...points.map(({ y }) => y), fmaGFLOPs, copyGBps * Math.min(...xs)];
  const x = logAxis(xs, margin.left, width - margin.right);
  const y = logAxis(ys, height - margin.bottom, margin.top);
  const kernels = [...new Set(points.map(({ row }) => row.kernel))];
  return html`<figure>
    <svg
      class="plot"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label="Roofline: speed of each workload over its arithmetic intensity"
    >
      ${grid(x, y)}
      <polyline class="roof" points="${ceiling(x, y, rows[0]!.peaks)}" />
      ${points.map((point) => {
        const { shape, colour } = markOf(kernels, point.row.kernel);
        return html`<path class="point" fill="${colour}" d="${shape(x.place(point.x), y.place(point.y))}">
          <title>${pointTitle(point.row)}</title>
        </path>`;
      })}
    </svg>
    <ul class="legend">
      ${kernels.map((kernel) => {
        const { shape, colour } = markOf(kernels, kernel);
        return html`<li>
          <svg viewBox="-7 -7 14 14" aria-hidden="true"><path fill="${colour}" d="${shape(0, 0)}" /></svg>
          ${kernel}
        </li>`;
      })}
    </ul>
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

function markOf(
  kernels: readonly string[],
  kernel: string,
): { readonly shape: Shape; readonly colour: string } {
  const index = kernels.indexOf(kernel);
  const shape = shapes[(index + Math.floor(index / colours)) % shapes.length]!;
  return { shape, colour: `var(--s${index % colours})` };
}

function grid(x: Axis, y: Axis): Markup {
  const bottom = height - margin.bottom;
  const right = width - margin.right;
  return html`${x.ticks.map((tick) => {
      const at = x.place(tick);
      return html`<line class="grid" x1="${at}" x2="${at}" y1="${margin.top}" y2="${bottom}" />
        <text class="quiet" x="${at}" y="${bottom + 18}" text-anchor="middle">${figure(tick)}</text>`;
    })}
    ${y.ticks.map((tick) => {
      const at = y.place(tick);
      return html`<line class="grid" x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}" />
        <text class="quiet" x="${margin.left - 8}" y="${at + 5}" text-anchor="end">${figure(tick)}</text>`;
    })}
    <text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">operations per byte</text>
    <text transform="translate(16 ${bottom / 2}) rotate(-90)" text-anchor="middle">GFLOP/s</text>`;
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
