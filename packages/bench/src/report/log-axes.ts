import { figure } from './format.ts';
import { html, type Markup } from './markup.ts';

export const width = 640;
export const height = 440;
/** Wide enough for the numbers in the larger letters of narrow pages. */
export const margin = { left: 80, right: 26, top: 34, bottom: 58 };

export interface Axis {
  readonly ticks: readonly number[];
  readonly place: (value: number) => number;
}

/** A logarithmic axis over whole powers of `base` that holds all `values`, laid from pixel `from` to `to`. */
function logAxis(values: readonly number[], from: number, to: number, base: number): Axis {
  const log = (value: number): number => Math.log(value) / Math.log(base);
  // A power of the base is its own tick, whatever its logarithm is rounded to.
  const low = Math.floor(log(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(log(Math.max(...values)) - 1e-9));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => base ** (low + i)),
    place: (value) => Math.round((from + ((log(value) - low) / (high - low)) * (to - from)) * 10) / 10,
  };
}

/** Along the plot, over the values of `xs`. */
export const horizontal = (xs: readonly number[], base = 10): Axis =>
  logAxis(xs, margin.left, width - margin.right, base);

/** Up the plot, over the values of `ys`. */
export const vertical = (ys: readonly number[], base = 10): Axis =>
  logAxis(ys, height - margin.bottom, margin.top, base);

/** Lines and numbers at the ticks, and what the axes mean. */
export function grid(
  x: Axis,
  y: Axis,
  names: { readonly x: string; readonly y: string },
  tickText: (value: number) => string = figure,
): Markup {
  const bottom = height - margin.bottom;
  const right = width - margin.right;
  return html`${x.ticks.map((tick) => {
      const at = x.place(tick);
      return html`<line class="grid" x1="${at}" x2="${at}" y1="${margin.top}" y2="${bottom}" />
        <text class="quiet" x="${at}" y="${bottom + 25}" text-anchor="middle">${figure(tick)}</text>`;
    })}
    ${y.ticks.map((tick) => {
      const at = y.place(tick);
      return html`<line class="grid" x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}" />
        <text class="quiet" x="${margin.left - 8}" y="${at + 5}" text-anchor="end">${tickText(tick)}</text>`;
    })}
    <text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">${names.x}</text>
    <text x="0" y="18">${names.y}</text>`;
}
