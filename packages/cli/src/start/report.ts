// The report of `tilewright start`: one file, no script, no network, light and dark.
import { formatBytes, html, type Markup, nothing, reportStyle } from '@tilewright/bench/report';
import type { StartResult } from './start.ts';
import type { VariantRow } from './measure-variant.ts';
import { legend, scatter } from './quality-plot.ts';
import { formatCount } from './table.ts';

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
          <dt>calibration</dt>
          <dd>${result.calibration}</dd>
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
          ${scatter(variants, measured)}
          <figcaption>
            ${
              measured
                ? 'Loss on held-out text, in nats per token, against the bits each weight of the layers takes. Lower and further left is better.'
                : 'Divergence from dense f32, in nats per token on text the model wrote, against the bits each weight of the layers takes. Lower and further left is better.'
            }
          </figcaption>
        </figure>
        ${legend(variants)} ${bars('Weights', variants, (row) => row.weightBytes, formatBytes)}
        ${bars(
          'Decoding, tokens per second',
          variants,
          (row) => row.decodeTokensPerSecond,
          (value) => value.toFixed(0),
        )}
        ${bars(
          'Reading a prompt, tokens per second',
          variants,
          (row) => row.prefillTokensPerSecond,
          (value) => value.toFixed(0),
        )}
        ${bars('Bytes moved per decoded token', variants, (row) => row.movedBytesPerToken, formatBytes)}
        <p class="quiet">
          Speeds are wall times on this
          adapter${adapter.software ? ', which runs on the CPU: there arithmetic is the limit, and fewer bytes save no time' : ''}.
        </p>
        <h2>All figures</h2>
        ${table(variants)}
      </body>
    </html> `;
  return page.markup;
}

function bars(
  title: string,
  variants: readonly VariantRow[],
  of: (row: VariantRow) => number,
  format: (value: number) => string,
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
            ><span>${format(of(row))}</span>
          </div>`,
      )}
    </div>`;
}

function table(variants: readonly VariantRow[]): Markup {
  const heads = [
    'bits per weight',
    'held-out loss',
    'KL to dense',
    'same first choice',
    'weights',
    'peak memory',
    'dispatches per token',
    'moved per token',
    'compulsory',
    'prefill tokens/s',
    'decode tokens/s',
  ];
  const cells = (row: VariantRow): readonly string[] => [
    row.bitsPerWeight.toFixed(2),
    row.heldOutLoss === null ? 'no text' : row.heldOutLoss.toFixed(4),
    row.klToDense.toFixed(4),
    `${(100 * row.top1Agreement).toFixed(1)} %`,
    formatBytes(row.weightBytes),
    formatBytes(row.allocatedPeakBytes),
    String(row.dispatchesPerToken),
    formatBytes(row.movedBytesPerToken),
    formatBytes(row.compulsoryBytesPerToken),
    row.prefillTokensPerSecond.toFixed(0),
    row.decodeTokensPerSecond.toFixed(0),
  ];
  return variants.length === 0
    ? nothing
    : html`<div class="scroll">
        <table>
          <thead>
            <tr>
              <th class="text">variant</th>
              ${heads.map((head) => html`<th>${head}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${variants.map(
              (row) =>
                html`<tr>
                  <td class="text">${row.name}</td>
                  ${cells(row).map((cell) => html`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
}
