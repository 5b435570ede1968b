import type { ScalingRow } from '../scaling/row.ts';
import { attentionCurve, type Crossing, summariseScaling, timeOf } from '../scaling/summary.ts';
import { duration, figure, formatBytes, maybe } from './format.ts';
import { linePlot } from './line-plot.ts';
import { legend } from './marks.ts';
import { html, type Markup, nothing } from './markup.ts';
import { type Column, table, withRange } from './tables.ts';

/** Time and bytes over the length of the sequence, as plots and as a table. */
export function scaling(rows: readonly ScalingRow[]): Markup {
  const mixers = rows.filter(({ family }) => family === 'mixer');
  const ways = rows.filter(({ family }) => family === 'attention');
  const beside = ways.filter(({ curve }) => curve === attentionCurve);
  return html`${
    ways.length > 0
      ? html`<h2>Attention over the length of the sequence</h2>
          ${section(ways)}`
      : nothing
  }
  ${
    mixers.length > 0
      ? html`<h2>Mixers over the length of the sequence</h2>
          ${section([...beside, ...mixers])}`
      : nothing
  }`;
}

function section(rows: readonly ScalingRow[]): Markup {
  const timed = rows.filter((row) => timeOf(row) !== null);
  const names = [...new Set(rows.map(({ curve }) => curve))];
  return html`<p class="quiet">
      ${rows[0]!.heads} heads of ${rows[0]!.headSize}, or as many channels, in f32, one batch row; keys and
      queries are as many as the length says, in decoding there is one query. The curves of a length were
      timed in turns. Hollow marks and times after ≈ were not measured, but extrapolated by the square of the
      length.
    </p>
    ${
      timed.length === 0
        ? nothing
        : html`<div class="plots">
              ${plot(names, timed, { title: 'Time', unit: 'milliseconds', of: timeOf, text: duration })}
              ${plot(names, timed, { title: 'Bytes moved', unit: 'megabytes', of: (row) => (row.movedBytes === 0 ? null : row.movedBytes / 1e6), text: (megabytes) => formatBytes(megabytes * 1e6) })}
            </div>
            ${legend(names)}`
    }
    ${scalingTable(names, rows)}`;
}

/** From where on a mixer is faster than causal attention, in words. */
export function crossingText({ at, isShortest, isExtrapolated }: Crossing): string {
  const by = isExtrapolated ? ', by extrapolated times' : '';
  if (at === null) return `at no length${by}`;
  return `${isShortest ? 'at' : 'from'} ${figure(Math.round(at))}${isShortest ? ' already' : ' on'}${by}`;
}

/** What a plot shows of a row. */
interface Quantity {
  readonly title: string;
  readonly unit: string;
  readonly of: (row: ScalingRow) => number | null;
  readonly text: (value: number) => string;
}

const plot = (
  names: readonly string[],
  rows: readonly ScalingRow[],
  { title, unit, of, text }: Quantity,
): Markup =>
  linePlot(
    names,
    rows.flatMap((row) => {
      const y = of(row);
      return y === null ? [] : [{ series: row.curve, x: row.keys, y, isEstimate: row.timeMs === null }];
    }),
    {
      title: `${title} of each curve over the length of the sequence`,
      x: 'keys',
      y: unit,
      text,
      caption: `${title} over the length of the sequence, both axes logarithmic.`,
    },
  );

/** What a curve's time is multiplied by when its length doubles, between its shortest and its longest. */
export function perDoubling(rows: readonly ScalingRow[]): number | null {
  const timed = rows.filter(({ timeMs }) => timeMs !== null).sort((a, b) => a.keys - b.keys);
  const [first, last] = [timed[0], timed.at(-1)];
  if (first === undefined || last!.keys === first.keys) return null;
  return (last!.timeMs!.p50 / first.timeMs!.p50) ** (1 / Math.log2(last!.keys / first.keys));
}

/** A line for each curve: the median at each length, how it grows, bytes at the longest. */
function scalingTable(names: readonly string[], rows: readonly ScalingRow[]): Markup {
  const lengths = [...new Set(rows.map(({ keys }) => keys))].sort((a, b) => a - b);
  const rowOf = (name: string, length: number): ScalingRow | undefined =>
    rows.find(({ curve, keys }) => curve === name && keys === length);
  const summaries = summariseScaling(rows);
  const summaryOf = (name: string) => summaries.find(({ curve }) => curve === name);
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
        if (row?.extrapolatedMs) return `≈ ${duration(row.extrapolatedMs)}`;
        if (!row?.timeMs) return row?.status ?? '–';
        const { p20, p50, p80 } = row.timeMs;
        return withRange(duration(p50), duration(p20), duration(p80));
      },
    })),
    {
      head: 'a doubling',
      cell: (name) =>
        maybe(perDoubling(rows.filter(({ curve }) => curve === name)), (factor) => `×${figure(factor)}`),
    },
    { head: 'expected', cell: (name) => text(name, ({ expectedGrowth }) => `×${2 ** expectedGrowth}`) },
    { head: 'slope', cell: (name) => maybe(summaryOf(name)?.slope ?? null, figure) },
    { head: 'faster than causal', cell: (name) => maybe(summaryOf(name)?.crossing ?? null, crossingText) },
    { head: 'moved', cell: (name) => text(name, ({ movedBytes }) => formatBytes(movedBytes)) },
    { head: 'allocated', cell: (name) => text(name, ({ allocatedBytes }) => formatBytes(allocatedBytes)) },
  ];
  return html`${table(columns, names)}
    <p class="quiet">
      “A doubling” is what the time is multiplied by when the length doubles, between the shortest and the
      longest; “slope” is that of the logarithm of the time over that of the length, from 1,024 on; bytes are
      those at the longest. Below each median, the times that 20 % and 80 % of the samples stay below.
    </p>`;
}
