// The report of `tilewright evaluate`: one file, no script, no network, light and dark.
import { type Column, html, reportStyle, table } from '@tilewright/bench/report';
import type { PairRow } from '@tilewright/models';
import { legend, scatter } from '../model/quality-plot.ts';
import type { EvaluationResult } from './result.ts';
import { figures, shown } from './table.ts';

export function writeEvaluationReport(result: EvaluationResult): string {
  const { rows, pairs, reference, sources } = result;
  const points = rows.map(({ name, bitsPerWeight, lossGap }) => ({
    name,
    bitsPerWeight,
    value: lossGap.mean,
    standardError: lossGap.standardError,
  }));
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tilewright: ${reference.name}</title>
        <style>
          ${{ markup: reportStyle }}
        </style>
      </head>
      <body>
        <h1>${reference.name} and what was made of it</h1>
        <dl>
          <dt>scored on</dt>
          <dd>${sources.heldOut}: ${result.windows} windows, ${result.tokens} tokens</dd>
          <dt>calibrated on</dt>
          <dd>${sources.calibration}: ${result.calibrationWindows} windows, where variants were made here</dd>
          <dt>${reference.name}</dt>
          <dd>loss ${shown(reference.loss, 4)}</dd>
        </dl>
        <h2>Size and quality</h2>
        <figure>
          ${scatter(points, 'Loss beyond the dense model', true, true)}
          <figcaption>
            Loss beyond that of ${reference.name}, in nats per token, against the bits each weight of the
            layers takes. Lower and further left is better; an upright line is a standard error to either
            side; the dashed one joins those that none betters.
          </figcaption>
        </figure>
        ${legend(points)}
        <h2>All figures</h2>
        ${table(
          [
            { head: 'variant', text: true, cell: ({ name }) => name },
            ...figures.map(([head, , cell]) => ({ head, cell })),
          ],
          rows,
        )}
        <p class="quiet">
          ± is a standard error, with windows as the unit, and draws of calibration text where there are
          several. Differences are paired: window by window.
        </p>
        ${
          pairs.length > 0
            ? html`<h2>Each against each</h2>
                ${table(pairColumns, pairs)}`
            : ''
        }
      </body>
    </html> `.markup;
}

const pairColumns: readonly Column<PairRow>[] = [
  { head: 'variant', text: true, cell: ({ names }) => names[0] },
  { head: 'less', text: true, cell: ({ names }) => names[1] },
  { head: 'loss', cell: ({ loss }) => shown(loss, 4, true) },
  { head: 'KL', cell: ({ kl }) => shown(kl, 5, true) },
];
