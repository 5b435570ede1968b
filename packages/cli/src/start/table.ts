import type { Percentiles } from '@tilewright/bench';
import { formatBytes } from '@tilewright/bench/report';
import { paint, type Terminal } from '../terminal.ts';
import type { ExamSources } from './exam.ts';
import type { VariantRow } from './measure-variant.ts';

/** "1.3 million". */
export const formatCount = (count: number): string =>
  count < 1e4
    ? String(count)
    : count < 1e6
      ? `${(count / 1e3).toPrecision(3)} thousand`
      : `${(count / 1e6).toPrecision(3)} million`;

const columns: readonly (readonly [string, number, (row: VariantRow) => string])[] = [
  ['bits', 6, (row) => row.bitsPerWeight.toFixed(2)],
  ['weights', 9, (row) => formatBytes(row.weightBytes)],
  ['loss', 7, (row) => (row.heldOutLoss === null ? '-' : row.heldOutLoss.toFixed(4))],
  ['KL', 7, (row) => row.klToDense.toFixed(4)],
  ['top-1', 6, (row) => `${(100 * row.top1Agreement).toFixed(1)}%`],
  ['prefill', 21, (row) => spread(row.prefillTokensPerSecond)],
  ['decode', 15, (row) => spread(row.decodeTokensPerSecond)],
  ['moved', 9, (row) => formatBytes(row.movedBytesPerToken)],
];
const nameWidth = 24;

/** "113 (109–118)": the median, and what a fifth lies below and above. */
export const spread = ({ p20, p50, p80 }: Percentiles): string =>
  `${p50.toFixed(0)} (${p20.toFixed(0)}–${p80.toFixed(0)})`;

export const tableHead = (terminal: Terminal): string =>
  paint(
    terminal,
    'dim',
    'variant'.padEnd(nameWidth) + columns.map(([head, width]) => head.padStart(width + 1)).join(''),
  );

export const tableRow = (row: VariantRow): string =>
  row.name.padEnd(nameWidth) + columns.map(([, width, cell]) => cell(row).padStart(width + 1)).join('');

export const tableLegend = ({ heldOut }: ExamSources): string =>
  `bits: per weight of the layers; loss: nats per token on ${heldOut ?? 'a held-out text, of which there is none: --text FILE names one'}; ` +
  `KL, top-1: against dense-f32 on ${heldOut === null ? 'what it wrote' : 'its first windows, 64 at most'}; ` +
  'prefill, decode: tokens per second (20 % to 80 % of the repeats); moved: bytes per decoded token';
