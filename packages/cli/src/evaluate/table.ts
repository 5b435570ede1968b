import { formatBytes } from '@tilewright/bench/report';
import type { Estimate, EvaluationRow } from '@tilewright/models';
import { paint, type Terminal } from '../terminal.ts';
import type { Size } from '../model/size-of.ts';
import type { EvaluationResult } from './result.ts';

type Row = EvaluationRow & Size;

/** "+0.0051 ± 0.0004". */
export function shown({ mean, standardError }: Estimate, digits: number, sign = false): string {
  const text = `${sign && mean >= 0 ? '+' : ''}${mean.toFixed(digits)}`;
  return standardError === null ? text : `${text} ± ${standardError.toFixed(digits)}`;
}

/** The columns of figures, for a screen and for a page. */
export const figures: readonly (readonly [head: string, width: number, cell: (row: Row) => string])[] = [
  ['bits', 6, (row) => row.bitsPerWeight.toFixed(2)],
  ['weights', 9, (row) => formatBytes(row.weightBytes)],
  ['draws', 5, (row) => String(row.draws)],
  ['loss', 16, (row) => shown(row.loss, 4)],
  ['to dense', 17, (row) => shown(row.lossGap, 4, true)],
  ['KL', 17, (row) => shown(row.kl, 5)],
  [
    'same token',
    14,
    ({ agreement: { mean, standardError } }) =>
      `${shown(
        {
          mean: 100 * mean,
          standardError: standardError === null ? null : 100 * standardError,
        },
        1,
      )}%`,
  ],
];

type Named = readonly { readonly name: string }[];
const nameWidth = (names: Named): number => Math.max(7, ...names.map(({ name }) => name.length));

export const tableHead = (terminal: Terminal, names: Named): string =>
  paint(
    terminal,
    'dim',
    'variant'.padEnd(nameWidth(names)) + figures.map(([head, width]) => head.padStart(width + 1)).join(''),
  );

export const tableRow = (names: Named, row: Row): string =>
  row.name.padEnd(nameWidth(names)) +
  figures.map(([, width, cell]) => cell(row).padStart(width + 1)).join('');

export const tableLegend = ({ reference, sources, windows, tokens }: EvaluationResult): string =>
  `${reference.name}: loss ${shown(reference.loss, 4)} on ${
    sources.heldOut
  }, ${windows} windows, ${tokens} tokens. ` +
  'bits: per weight of the layers; loss, KL: nats per token; ±: standard errors over windows and draws, paired where it is a difference';
