// The report of `tilewright start`: one file, no script, no network, light and dark.
import { html, type Markup, nothing, reportStyle } from '@tilewright/bench/report';
import type { StartResult } from './start.ts';
import type { VariantRow } from './measure-variant.ts';
import { formatBytes, formatCount } from './table.ts';

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

const width = 640;
const height = 360;
const margin = { left: 64, right: 20, top: 16, bottom: 48 };

/** A point per variant; bits per weight on a logarithmic axis. */
function scatter(variants: readonly VariantRow[], measured: boolean): Markup {
  const quality = (row: VariantRow): number => (measured ? row.heldOutLoss! : row.klToDense);
  const bits = variants.map((row) => row.bitsPerWeight);
  const values = variants.map(quality);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(1e-3, 0.08 * (most - least));
  const [low, high] = [measured ? least - room : 0, most + room];
  const [first, last] = [Math.log2(Math.min(...bits)) - 0.2, Math.log2(Math.max(...bits)) + 0.2];
  const x = (value: number): number =>
    margin.left + ((Math.log2(value) - first) / (last - first)) * (width - margin.left - margin.right);
  const y = (value: number): number =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const rows = Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4);
  const columns = [2, 3, 4, 6, 8, 16, 32].filter(
    (value) => Math.log2(value) > first && Math.log2(value) < last,
  );
  return html`<svg
    class="plot"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${measured ? 'Held-out loss' : 'Divergence from dense f32'} by bits per weight"
  >
    ${rows.map(
      (value) =>
        html`<line
            class="grid"
            x1="${margin.left}"
            x2="${width - margin.right}"
            y1="${y(value).toFixed(1)}"
            y2="${y(value).toFixed(1)}"
          />
          <text class="quiet" x="${margin.left - 8}" y="${(y(value) + 5).toFixed(1)}" text-anchor="end"
            >${value.toFixed(3)}</text
          >`,
    )}
    ${columns.map(
      (value) =>
        html`<line
            class="grid"
            x1="${x(value).toFixed(1)}"
            x2="${x(value).toFixed(1)}"
            y1="${margin.top}"
            y2="${height - margin.bottom}"
          />
          <text
            class="quiet"
            x="${x(value).toFixed(1)}"
            y="${height - margin.bottom + 20}"
            text-anchor="middle"
            >${value}</text
          >`,
    )}
    <text
      class="quiet"
      x="${(margin.left + width - margin.right) / 2}"
      y="${height - 6}"
      text-anchor="middle"
    >
      bits per weight
    </text>
    ${variants.map(
      (row, i) =>
        html`<g
          ><title>${row.name}: ${row.bitsPerWeight.toFixed(2)} bits, ${quality(row).toFixed(4)}</title
          >${mark(i, x(row.bitsPerWeight), y(quality(row)))}</g
        >`,
    )}
  </svg>`;
}

/** Colour and shape tell variants apart, so that neither has to do it alone. */
function mark(index: number, x: number, y: number, size = 7): Markup {
  const fill = `var(--s${index % 8})`;
  const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (index % 3 === 0)
    return html`<circle
      class="point"
      cx="${x.toFixed(1)}"
      cy="${y.toFixed(1)}"
      r="${size}"
      fill="${fill}"
    />`;
  const path =
    index % 3 === 1
      ? `M-${size} -${size}h${2 * size}v${2 * size}h-${2 * size}z`
      : `M0 -${size}L${size} ${size}H-${size}z`;
  return html`<path class="point" transform="translate(${at})" d="${path}" fill="${fill}" />`;
}

const legend = (variants: readonly VariantRow[]): Markup =>
  html`<ul class="legend">
    ${variants.map((row, i) => html`<li><svg viewBox="-9 -9 18 18" aria-hidden="true">${mark(i, 0, 0)}</svg>${row.name}</li>`)}
  </ul>`;

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
