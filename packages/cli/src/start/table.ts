import { formatBytes } from '@tilewright/bench/report';
import { paint, type Terminal } from '../terminal.ts';
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
  ['prefill', 8, (row) => row.prefillTokensPerSecond.toFixed(0)],
  ['decode', 7, (row) => row.decodeTokensPerSecond.toFixed(0)],
  ['moved', 9, (row) => formatBytes(row.movedBytesPerToken)],
];
const nameWidth = 24;

export const tableHead = (terminal: Terminal): string =>
  paint(
    terminal,
    'dim',
    'variant'.padEnd(nameWidth) + columns.map(([head, width]) => head.padStart(width + 1)).join(''),
  );

export const tableRow = (row: VariantRow): string =>
  row.name.padEnd(nameWidth) + columns.map(([, width, cell]) => cell(row).padStart(width + 1)).join('');

export const tableLegend =
  'bits: per weight of the layers; loss: held-out, nats per token; KL, top-1: against dense-f32; prefill, decode: tokens per second; moved: bytes per decoded token';
