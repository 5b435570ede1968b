// The report of `tilewright start`: one file, no script, no network, light and dark.
import type { Percentiles } from '@tilewright/bench';
import { type Column, formatBytes, html, type Markup, reportStyle, table } from '@tilewright/bench/report';
import type { StartResult } from './start.ts';
import type { VariantRow } from './measure-variant.ts';
import { legend, scatter } from '../model/quality-plot.ts';
import { formatCount, spread } from './table.ts';

export function writeStartReport(result: StartResult): string {
  const { variants, adapter, model } = result;
  const measured = variants.some((row) => row.heldOutLoss !== null);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tilewright: ${model.name}</title>
        <style>
          ${{ markup: reportStyle }} .passage {
            white-space: pre-wrap;
            background: var(--panel);
            border-radius: 0.5rem;
            padding: 0.8rem 1rem;
            max-width: 46rem;
            font-family: ui-serif, Georgia, serif;
          }
        </style>
      </head>
      <body>
        <h1>${model.name}, ${variants.length} ways</h1>
        <dl>
          <dt>adapter</dt>
          <dd>${adapter.description}${adapter.software ? ' (software, on the CPU)' : ''}</dd>
          <dt>model</dt>
          <dd>
            ${model.architecture}, ${formatCount(model.parameters)} parameters, context of ${model.context}
            tokens
          </dd>
          <dt>calibrated on</dt>
          <dd>${result.sources.calibration}</dd>
          <dt>held out</dt>
          <dd>
            ${result.sources.heldOut ?? 'no text: this folder has no sample.txt, and --text FILE named none'}
          </dd>
          <dt>cold start</dt>
          <dd>
            ${result.coldStart.pipelines} pipelines compiled in
            ${(result.coldStart.compileMs / 1000).toFixed(1)} s
          </dd>
        </dl>
        <h2>What it writes</h2>
        <p class="passage">${result.text}</p>
        <h2>Size and quality</h2>
        <figure>
          ${scatter(
            variants.map(({ name, bitsPerWeight, heldOutLoss, klToDense }) => ({
              name,
              bitsPerWeight,
              value: heldOutLoss ?? klToDense,
            })),
            measured ? 'Held-out loss' : 'Divergence from dense f32',
            !measured,
          )}
          <figcaption>
            ${
              measured
                ? `Loss on ${result.sources.heldOut}, in nats per token, against the bits each weight of the layers takes. Lower and further left is better.`
                : 'Divergence from dense f32, in nats per token on text that it wrote, against the bits each weight of the layers takes. Lower and further left is better.'
            }
          </figcaption>
        </figure>
        ${legend(variants)} ${bars('Weights', variants, (row) => row.weightBytes, formatBytes)}
        ${bars(
          'Decoding, tokens per second',
          variants,
          (row) => row.decodeTokensPerSecond.p50,
          (_, row) => spread(row.decodeTokensPerSecond),
        )}
        ${bars(
          'Reading a prompt, tokens per second',
          variants,
          (row) => row.prefillTokensPerSecond.p50,
          (_, row) => spread(row.prefillTokensPerSecond),
        )}
        ${bars('Bytes moved per decoded token', variants, (row) => row.movedBytesPerToken, formatBytes)}
        <p class="quiet">
          Speeds are wall times on this adapter${adapter.software ? ', which runs on the CPU' : ''}: the
          median, and in brackets what 20 % and 80 % of the repeats stay below. ${bytesAndSpeed(variants)}
        </p>
        <h2>All figures</h2>
        ${table(columns, variants)}
      </body>
    </html> `;
  return page.markup;
}

function bars(
  title: string,
  variants: readonly VariantRow[],
  of: (row: VariantRow) => number,
  format: (value: number, row: VariantRow) => string,
): Markup {
  const most = Math.max(...variants.map(of));
  return html`<h3>${title}</h3>
    <div class="bars">
      ${variants.map(
        (row) =>
          html`<div class="bar">
            <span>${row.name}</span
            ><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width="${((100 * of(row)) / most).toFixed(2)}" height="10" fill="var(--s0)" /></svg
            ><span>${format(of(row), row)}</span>
          </div>`,
      )}
    </div>`;
}

/** What the figures say of bytes and speed, in a sentence; only spreads that do not overlap are a difference. */
export function bytesAndSpeed(variants: readonly VariantRow[]): string {
  const [dense] = variants;
  const lighter = variants.filter(
    ({ movedBytesPerToken: bytes }) => dense && bytes < dense.movedBytesPerToken,
  );
  if (!dense || lighter.length === 0) return '';
  const speedOf = (row: VariantRow): Percentiles => row.decodeTokensPerSecond;
  const faster = lighter.filter((row) => speedOf(row).p20 > speedOf(dense).p80);
  const slower = lighter.filter((row) => speedOf(row).p80 < speedOf(dense).p20);
  const best = faster.toSorted((a, b) => speedOf(b).p50 - speedOf(a).p50)[0];
  const fastest = best
    ? `; the fastest, ${best.name}, moves ${percent(best.movedBytesPerToken, dense.movedBytesPerToken)} of the bytes and decodes ${(speedOf(best).p50 / speedOf(dense).p50).toFixed(2)} times as fast`
    : '';
  return (
    `Variants that move fewer bytes than ${dense.name}: ${lighter.length}. Faster by more than the spread of the repeats: ` +
    `${faster.length}; slower by more than it: ${slower.length}; within it: ${lighter.length - faster.length - slower.length}${fastest}.`
  );
}

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;

const columns: readonly Column<VariantRow>[] = [
  { head: 'variant', text: true, cell: (row) => row.name },
  { head: 'bits per weight', cell: (row) => row.bitsPerWeight.toFixed(2) },
  {
    head: 'held-out loss',
    cell: (row) => (row.heldOutLoss === null ? 'no text' : row.heldOutLoss.toFixed(4)),
  },
  { head: 'KL to dense', cell: (row) => row.klToDense.toFixed(4) },
  { head: 'same first choice', cell: (row) => `${(100 * row.top1Agreement).toFixed(1)} %` },
  { head: 'prefill tokens/s', cell: (row) => spread(row.prefillTokensPerSecond) },
  { head: 'decode tokens/s', cell: (row) => spread(row.decodeTokensPerSecond) },
  { head: 'weights', cell: (row) => formatBytes(row.weightBytes) },
  { head: 'peak memory', cell: (row) => formatBytes(row.allocatedPeakBytes) },
  { head: 'dispatches per token', cell: (row) => String(row.dispatchesPerToken) },
  { head: 'moved per token', cell: (row) => formatBytes(row.movedBytesPerToken) },
  { head: 'compulsory', cell: (row) => formatBytes(row.compulsoryBytesPerToken) },
];
