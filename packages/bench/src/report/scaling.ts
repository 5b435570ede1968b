import type { ScalingRow } from '../scaling/row.ts';
import { formatBytes, duration, figure } from './format.ts';
import { grid, height, horizontal, vertical, width } from './log-axes.ts';
import { legend, markOf } from './marks.ts';
import { html, type Markup, nothing } from './markup.ts';
import { type Column, table } from './tables.ts';

interface Point {
  readonly row: ScalingRow;
  readonly y: number;
}

/** Time and bytes over the length of the sequence, as plots and as a table. */
export function scaling(rows: readonly ScalingRow[]): Markup {
  const timed = rows.filter(({ timeMs }) => timeMs !== null);
  const names = [...new Set(rows.map(({ curve }) => curve))];
  return html`<p class="quiet">
      ${rows[0]!.heads} heads of ${rows[0]!.headSize} in f32, one batch row; keys and queries are as many as
      the length says, in decoding there is one query. The curves of a length were timed in turns.
    </p>
    ${
      timed.length === 0
        ? nothing
        : html`<div class="plots">
              ${plot(
                names,
                timed.map((row) => ({ row, y: row.timeMs!.p50 })),
                'Time',
                'milliseconds',
                figure,
              )}
              ${plot(
                names,
                timed.map((row) => ({ row, y: row.movedBytes })),
                'Bytes moved',
                'bytes moved',
                formatBytes,
              )}
            </div>
            ${legend(names)}`
    }
    ${scalingTable(names, rows)}`;
}

function plot(
  names: readonly string[],
  points: readonly Point[],
  title: string,
  unit: string,
  tickText: (value: number) => string,
): Markup {
  const x = horizontal(
    points.map(({ row }) => row.keys),
    2,
  );
  const y = vertical(points.map((point) => point.y));
  const at = (point: Point): string => `${x.place(point.row.keys)},${y.place(point.y)}`;
  return html`<figure>
    <svg
      class="plot"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label="${title} of each curve over the length of the sequence"
    >
      ${grid(x, y, { x: 'keys', y: unit }, tickText)}
      ${names.map((name) => {
        const own = points.filter(({ row }) => row.curve === name).sort((a, b) => a.row.keys - b.row.keys);
        const { shape, colour } = markOf(names, name);
        return html`<polyline class="curve" stroke="${colour}" points="${own.map(at).join(' ')}" />${own.map(
            (point) =>
              html`<path
                class="point"
                fill="${colour}"
                d="${shape(x.place(point.row.keys), y.place(point.y))}"
              >
                <title>
                  ${name}, ${point.row.keys} keys: ${tickText(point.y)} ${unit === 'milliseconds' ? 'ms' : ''}
                </title>
              </path>`,
          )}`;
      })}
    </svg>
    <figcaption>${title} over the length of the sequence, both axes logarithmic.</figcaption>
  </figure>`;
}

/** A line for each curve: the median at each length, how it grew at the last doubling, bytes there. */
function scalingTable(names: readonly string[], rows: readonly ScalingRow[]): Markup {
  const lengths = [...new Set(rows.map(({ keys }) => keys))].sort((a, b) => a - b);
  const rowOf = (name: string, length: number): ScalingRow | undefined =>
    rows.find(({ curve, keys }) => curve === name && keys === length);
  const last = (name: string): ScalingRow | undefined =>
    lengths.map((length) => rowOf(name, length)).findLast((row) => row?.timeMs);
  const text = (name: string, show: (row: ScalingRow) => string): string => {
    const row = last(name);
    return row ? show(row) : '–';
  };
  const columns: readonly Column<string>[] = [
    { head: 'curve', text: true, cell: (name) => name },
    ...lengths.map((length): Column<string> => ({
      head: figure(length),
      cell: (name) => {
        const row = rowOf(name, length);
        return row === undefined ? '–' : row.timeMs ? duration(row.timeMs.p50) : row.status;
      },
    })),
    {
      head: 'grew by',
      cell: (name) => text(name, ({ growth }) => (growth === null ? '–' : `×${figure(2 ** growth)}`)),
    },
    { head: 'expected', cell: (name) => text(name, ({ expectedGrowth }) => `×${2 ** expectedGrowth}`) },
    { head: 'moved', cell: (name) => text(name, ({ movedBytes }) => formatBytes(movedBytes)) },
    { head: 'allocated', cell: (name) => text(name, ({ allocatedBytes }) => formatBytes(allocatedBytes)) },
  ];
  return html`${table(columns, names)}
    <p class="quiet">
      “Grew by” is the time at the longest length over that at half of it; bytes are those at the longest
      length.
    </p>`;
}
