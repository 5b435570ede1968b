import { summarise } from '../compare/summary.ts';
import type { ComparisonRow } from '../compare/row.ts';
import { formatBytes, duration, figure, maybe, percent, planText } from '../report/format.ts';
import { crossingText } from '../report/scaling.ts';
import type { BenchRow } from '../report/write-report.ts';
import type { FormatRow } from '../formats/row.ts';
import type { HostRow } from '../host/row.ts';
import type { ScalingRow } from '../scaling/row.ts';
import { summariseScaling } from '../scaling/summary.ts';
import type { KernelRow } from '../suite/row.ts';

/** Paints text where the terminal shows colours. */
export type Paint = (text: string, tone: 'good' | 'bad' | 'quiet') => string;

const codes = { good: 32, bad: 31, quiet: 2 };
export const colours: Paint = (text, tone) => `\u001b[${codes[tone]}m${text}\u001b[0m`;
export const plain: Paint = (text) => text;

/** One row, one line. */
export const rowLine = (row: BenchRow, paint: Paint): string =>
  row.kind === 'kernel'
    ? kernelLine(row, paint)
    : row.kind === 'comparison'
      ? comparisonLine(row, paint)
      : row.kind === 'scaling'
        ? scalingLine(row, paint)
        : row.kind === 'format'
          ? formatLine(row, paint)
          : hostLine(row, paint);

function kernelLine(row: KernelRow, paint: Paint): string {
  const types = [...new Set([...Object.values(row.dtypes), ...Object.values(row.formats)])].join('+');
  const name = `${row.kernel}, ${row.workload} of ${row.model}, ${types}`.padEnd(56);
  if (!row.timeMs) return `${name} ${paint(row.status, 'bad')}: ${row.message}`;
  const figures = [
    duration(row.timeMs.p50).padStart(9),
    `${maybe(row.gigabytesPerSecond, figure)} GB/s (${maybe(row.percentOfCopy, percent)})`.padStart(22),
    (row.flops === 0
      ? ''
      : `${maybe(row.gigaflopsPerSecond, figure)} GFLOP/s (${maybe(row.percentOfFma, percent)})`
    ).padStart(26),
  ];
  return `${name} ${figures.join(' ')}  ${paint(planText(row.plan), 'quiet')}`;
}

function comparisonLine(row: ComparisonRow, paint: Paint): string {
  const name = `${row.op}, ${row.case}`.padEnd(64);
  if (row.ratio === null) return `${name} ${paint(row.status, 'bad')}${row.message && `: ${row.message}`}`;
  const ratio = paint(`${row.ratio.toFixed(2)}×`.padStart(7), row.slower ? 'bad' : 'good');
  const errors = `errors ${maybe(row.oursError, figure)} / ${maybe(row.peerError, figure)}`;
  const ours = row.ours ? `${row.ours.kernel}: ${planText(row.ours.plan)}` : '';
  return `${name} ${ratio}  ${duration(row.oursMs!).padStart(8)} / ${duration(row.peerMs!).padStart(8)}  ${errors}  ${paint(ours, 'quiet')}`;
}

function scalingLine(row: ScalingRow, paint: Paint): string {
  const name = `${row.curve}, ${row.keys} keys`.padEnd(40);
  if (row.extrapolatedMs !== null)
    return `${name} ${`≈ ${duration(row.extrapolatedMs)}`.padStart(9)} ${paint(row.message, 'quiet')}`;
  if (!row.timeMs) return `${name} ${paint(row.status, 'bad')}: ${row.message}`;
  const grown = row.growth === null ? '' : `×${figure(2 ** row.growth)} of half the length`;
  const plans = row.plans.map(({ kernel, plan }) => `${kernel}: ${planText(plan)}`).join('; ');
  return `${name} ${duration(row.timeMs.p50).padStart(9)} ${grown.padStart(26)} ${formatBytes(row.movedBytes).padStart(8)} moved ${formatBytes(row.allocatedBytes).padStart(8)} allocated  ${paint(plans, 'quiet')}`;
}

function formatLine(row: FormatRow, paint: Paint): string {
  const name = `${row.format}${row.density < 1 ? `, ${percent(100 * row.density)} stored` : ''}, ${row.m} rows`;
  if (!row.timeMs) return `${name.padEnd(40)} ${paint(row.status, 'bad')}: ${row.message}`;
  const speedup = paint(`${maybe(row.speedup, (value) => value.toFixed(2))}×`.padStart(7), 'good');
  const times = `${duration(row.timeMs.p50).padStart(9)} / ${maybe(row.denseMs, ({ p50 }) => duration(p50)).padStart(9)}`;
  return `${name.padEnd(40)} ${speedup}  ${times} f32  ${formatBytes(row.weightBytes).padStart(8)}  ${paint(`${row.kernel}: ${planText(row.plan)}`, 'quiet')}`;
}

function hostLine(row: HostRow, paint: Paint): string {
  const name = `host, ${row.model} of ${row.layers} layers, ${row.dispatches} dispatches`.padEnd(56);
  const ratio = paint(`${row.ratio.toFixed(2)}×`, 'quiet');
  return `${name} ${duration(row.stepMs.p50).padStart(9)} a step, ${duration(row.loopMs.p50).padStart(9)} a bare loop: ${ratio}`;
}

/** How curves grow, and from where on mixers are faster than causal attention. */
export const scalingLines = (rows: readonly ScalingRow[]): readonly string[] =>
  summariseScaling(rows).map(({ curve, slope, crossing }) => {
    const grows = `slope ${maybe(slope, (value) => value.toFixed(2))} from 1,024 on`;
    return `${curve.padEnd(46)} ${grows}${crossing ? `, faster than causal attention ${crossingText(crossing)}` : ''}`;
  });

/** Geometric means of a comparison, with what is slower. */
export function summaryLines(rows: readonly ComparisonRow[]): readonly string[] {
  const { ops, over } = summarise(rows);
  return [...ops, { ...over, op: 'over all' }].map(({ op, geometricMean, compared, slower, left }) => {
    if (compared === 0) return `${op.padEnd(30)} not compared (${left} cases)`;
    const rest = left > 0 ? `, ${left} not compared` : '';
    return `${op.padEnd(30)} ${geometricMean.toFixed(2)}× in the geometric mean of ${compared}, ${slower} slower${rest}`;
  });
}
