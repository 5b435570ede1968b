import { type ComparisonSummary, summarise } from '../compare/summary.ts';
import type { ComparisonRow } from '../compare/row.ts';
import type { FormatRow } from '../formats/row.ts';
import type { HostRow } from '../host/row.ts';
import type { ScalingRow } from '../scaling/row.ts';
import type { KernelRow } from '../suite/row.ts';
import { duration, figure, formatBytes, maybe, percent, planText } from './format.ts';
import { html, type Markup, nothing } from './markup.ts';

export interface Column<Row> {
  readonly head: string;
  readonly text?: boolean;
  /** Long texts that may take several lines. */
  readonly wrap?: boolean;
  readonly cell: (row: Row) => string | Markup;
}

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const classOf = ({ text, wrap }: Column<Row>): string =>
    [text ? 'text' : '', wrap ? 'wrap' : ''].join(' ').trim();
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th class="${classOf(column)}">${column.head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((column) => html`<td class="${classOf(column)}">${column.cell(row)}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

const storageOf = ({ dtypes, formats }: KernelRow): string =>
  [...new Set([...Object.values(dtypes), ...Object.values(formats)])].join(', ');

/** Kernels that only move data have no rate of arithmetic. */
const computes = (rate: number | null): number | null => (rate === 0 ? null : rate);

const kernelColumns: readonly Column<KernelRow>[] = [
  { head: 'kernel', text: true, cell: (row) => row.kernel },
  { head: 'workload', text: true, wrap: true, cell: (row) => row.workload },
  { head: 'model', text: true, wrap: true, cell: (row) => row.model },
  { head: 'storage', text: true, cell: storageOf },
  { head: 'status', text: true, cell: (row) => status(row.status, row.status === 'passed') },
  { head: 'median', cell: (row) => maybe(row.timeMs, ({ p50 }) => duration(p50)) },
  {
    head: 'p20 – p80',
    cell: (row) => maybe(row.timeMs, ({ p20, p80 }) => `${duration(p20)} – ${duration(p80)}`),
  },
  { head: 'GB/s', cell: (row) => maybe(row.gigabytesPerSecond, figure) },
  { head: 'of copy', cell: (row) => maybe(row.percentOfCopy, percent) },
  { head: 'GFLOP/s', cell: (row) => maybe(computes(row.gigaflopsPerSecond), figure) },
  { head: 'of FMA', cell: (row) => maybe(computes(row.percentOfFma), percent) },
  { head: 'error', cell: (row) => maybe(row.error, figure) },
  { head: 'allowed', cell: (row) => maybe(row.allowed, figure) },
  { head: 'plan', text: true, wrap: true, cell: (row) => planText(row.plan) },
];

export const kernelTable = (rows: readonly KernelRow[]): Markup => table(kernelColumns, rows);

/** A figure with what it was at least and at most over the runs, below it. */
function overRuns(
  { runs }: ComparisonRow,
  value: number | null,
  of: 'oursMs' | 'peerMs' | 'ratio',
  format: (value: number) => string,
): string | Markup {
  const all = runs.map((run) => run[of]);
  return value === null || all.length < 2
    ? maybe(value, format)
    : withRange(format(value), format(Math.min(...all)), format(Math.max(...all)));
}

/** A figure, and below it from where to where it spreads. */
export const withRange = (value: string, from: string, to: string): Markup =>
  html`${value}<br /><small>${from} – ${to}</small>`;

const comparisonColumns: readonly Column<ComparisonRow>[] = [
  { head: 'operator', text: true, cell: (row) => row.op },
  { head: 'case', text: true, wrap: true, cell: (row) => row.case },
  { head: 'ours', cell: (row) => overRuns(row, row.oursMs, 'oursMs', duration) },
  { head: 'peer', cell: (row) => overRuns(row, row.peerMs, 'peerMs', duration) },
  { head: 'ratio', cell: (row) => overRuns(row, row.ratio, 'ratio', (ratio) => `${figure(ratio)}×`) },
  { head: 'our error', cell: (row) => maybe(row.oursError, figure) },
  { head: 'peer’s error', cell: (row) => maybe(row.peerError, figure) },
  {
    head: 'status',
    text: true,
    cell: (row) => (row.slower ? status('slower', false) : status(row.status, row.status === 'compared')),
  },
  {
    head: 'our kernel',
    text: true,
    wrap: true,
    cell: (row) => maybe(row.ours, ({ kernel, plan }) => `${kernel}: ${planText(plan)}`),
  },
];

export const comparisonTable = (rows: readonly ComparisonRow[]): Markup => table(comparisonColumns, rows);

const formatColumns: readonly Column<FormatRow>[] = [
  { head: 'format', text: true, cell: (row) => row.format },
  { head: 'stored', cell: (row) => percent(100 * row.density) },
  { head: 'weight', cell: (row) => formatBytes(row.weightBytes) },
  { head: 'rows', cell: (row) => String(row.m) },
  { head: 'time', cell: (row) => maybe(row.timeMs, ({ p50 }) => duration(p50)) },
  { head: 'f32', cell: (row) => maybe(row.denseMs, ({ p50 }) => duration(p50)) },
  { head: 'speedup', cell: (row) => maybe(row.speedup, (speedup) => `${speedup.toFixed(2)}×`) },
  { head: 'error', cell: (row) => maybe(row.error, figure) },
  { head: 'status', text: true, cell: (row) => status(row.status, row.status === 'passed') },
  { head: 'plan', text: true, wrap: true, cell: (row) => `${row.kernel}: ${planText(row.plan)}` },
];

export const formatTable = (rows: readonly FormatRow[]): Markup => table(formatColumns, rows);

const hostColumns: readonly Column<HostRow>[] = [
  { head: 'model', text: true, cell: (row) => `${row.model} of ${row.layers} layers` },
  { head: 'dispatches', cell: (row) => String(row.dispatches) },
  { head: 'a step', cell: (row) => duration(row.stepMs.p50) },
  { head: 'p20 – p80', cell: ({ stepMs }) => `${duration(stepMs.p20)} – ${duration(stepMs.p80)}` },
  { head: 'a bare loop', cell: (row) => duration(row.loopMs.p50) },
  { head: 'p20 – p80', cell: ({ loopMs }) => `${duration(loopMs.p20)} – ${duration(loopMs.p80)}` },
  { head: 'ratio', cell: (row) => `${row.ratio.toFixed(2)}×` },
];

export const hostTable = (rows: readonly HostRow[]): Markup => table(hostColumns, rows);

const status = (text: string, good: boolean): Markup =>
  html`<span class="${good ? 'good' : 'bad'}">${text}</span>`;

/** What went wrong, in full. */
export function troubles(
  rows: readonly (KernelRow | ComparisonRow | ScalingRow | FormatRow | HostRow)[],
): Markup {
  const told = rows.filter((row) => row.kind !== 'host').filter(({ message }) => message !== '');
  if (told.length === 0) return nothing;
  return html`<h2>What went wrong</h2>
    <dl>
      ${told.map(
        (row) =>
          html`<dt>${nameOf(row)}</dt>
            <dd>${row.message}</dd>`,
      )}
    </dl>`;
}

function nameOf(row: KernelRow | ComparisonRow | ScalingRow | FormatRow): string {
  if (row.kind === 'format') return `${row.format}, ${row.m} rows`;
  if (row.kind === 'kernel') return `${row.kernel}, ${row.workload}`;
  return row.kind === 'comparison' ? `${row.op}, ${row.case}` : `${row.curve}, ${row.keys} keys`;
}

/** The figures one wants first. */
export function cards(kernels: readonly KernelRow[], comparisons: readonly ComparisonRow[]): Markup {
  const items: (readonly [string, string])[] = [];
  if (kernels[0]) {
    const { copyGBps, fmaGFLOPs } = kernels[0].peaks;
    const passed = kernels.filter((row) => row.status === 'passed').length;
    items.push(
      [`${passed} of ${kernels.length}`, 'kernel rows right'],
      [`${figure(copyGBps)} GB/s`, 'copying'],
      [`${figure(fmaGFLOPs)} GFLOP/s`, 'multiply-add'],
    );
  }
  if (comparisons.length > 0) {
    const { over }: ComparisonSummary = summarise(comparisons);
    items.push(
      [over.compared > 0 ? `${figure(over.geometricMean)}×` : '–', 'the peer’s speed, geometric mean'],
      [`${over.slower} of ${over.compared}`, 'cases slower than the peer'],
    );
  }
  return html`<ul class="cards">
    ${items.map(([value, label]) => html`<li><strong>${value}</strong> ${label}</li>`)}
  </ul>`;
}
