// The report of `tilewright compare`: one file, no script, no network, light and dark.
import {
  type Column,
  formatBytes,
  html,
  linePlot,
  type Markup,
  reportStyle,
  seriesLegend,
  table,
} from '@tilewright/bench/report';
import { spread } from '../start/table.ts';
import type { ComparedModel, CompareResult, LengthRow, ScoredVariant } from './result.ts';

type VariantLine = ScoredVariant & { readonly model: ComparedModel };
type LengthLine = LengthRow & { readonly model: ComparedModel };

export function writeCompareReport(result: CompareResult): string {
  const { adapter, models, sources } = result;
  const lengths = models.flatMap((model) => model.lengths.map((row) => ({ ...row, model })));
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tilewright: models compared</title>
        <style>
          ${{ markup: reportStyle }}
        </style>
      </head>
      <body>
        <h1>Models compared</h1>
        <dl>
          <dt>adapter</dt>
          <dd>${adapter.description}${adapter.software ? ' (software, on the CPU)' : ''}</dd>
          <dt>scored on</dt>
          <dd>${sources.heldOut}: ${result.windows} windows of ${result.windowTokens} tokens</dd>
          <dt>calibrated on</dt>
          <dd>${sources.calibration}</dd>
        </dl>
        <h2>Loss</h2>
        ${table(
          variantColumns,
          models.flatMap((model) => model.variants.map((variant) => ({ ...variant, model }))),
        )}
        <p class="quiet">
          Loss in nats per token; “stated” is what the makers of the weights measured on a text of their own.
          The same recipes compress each model, calibrated on the same windows.
        </p>
        ${lengths.length > 0 ? growth(models, lengths, adapter.software) : ''}
      </body>
    </html> `.markup;
}

function growth(models: readonly ComparedModel[], lengths: readonly LengthLine[], software: boolean): Markup {
  const names = models.map(({ name }) => name);
  const plot = (
    title: string,
    y: string,
    of: (row: LengthRow) => number,
    text: (value: number) => string,
  ): Markup =>
    linePlot(
      names,
      lengths.map((row) => ({ series: row.model.name, x: row.tokens, y: of(row) })),
      { title, x: 'tokens', y, text, tick: short, caption: `${title}; both axes logarithmic.` },
    );
  const rate = (value: number): string => `${value.toFixed(0)} tokens/s`;
  return html`<h2>Growth</h2>
    <div class="plots">
      ${plot(
        'Bytes of caches and states by the length of the text',
        'kilobytes',
        (row) => row.stateBytes / 1e3,
        (kilobytes) => formatBytes(1e3 * kilobytes),
      )}
      ${plot('Writing behind a text of that length', 'tokens per second', (row) => row.writeTokensPerSecond.p50, rate)}
      ${plot('Reading a text of that length', 'tokens per second', (row) => row.readTokensPerSecond.p50, rate)}
    </div>
    ${seriesLegend(names)} ${table(lengthColumns, lengths)}
    <p class="quiet">
      A line ends where a model takes no more: attention reads as many tokens as it was made for. Speeds are
      wall times on this adapter${software ? ', which runs on the CPU' : ''}, token by token to the host: the
      median, and in brackets what 20 % and 80 % of the repeats stay below.
    </p>`;
}

/** A power of ten beside an axis. */
const short = (value: number): string => (value < 1000 ? String(value) : `${value / 1000} k`);

const variantColumns: readonly Column<VariantLine>[] = [
  { head: 'model', text: true, cell: ({ model }) => model.name },
  { head: 'weights', text: true, cell: ({ name }) => name },
  { head: 'loss', cell: ({ loss }) => loss.toFixed(4) },
  {
    head: 'stated',
    cell: ({ model, name }) =>
      model.statedLoss === null || name !== model.variants[0]!.name ? '–' : model.statedLoss.toFixed(4),
  },
  { head: 'bits per weight', cell: ({ bitsPerWeight }) => bitsPerWeight.toFixed(2) },
  { head: 'bytes', cell: ({ weightBytes }) => formatBytes(weightBytes) },
  { head: 'parameters', cell: ({ model }) => model.parameters.toLocaleString('en-US') },
];

const lengthColumns: readonly Column<LengthLine>[] = [
  { head: 'model', text: true, cell: ({ model }) => model.name },
  { head: 'tokens', cell: ({ tokens }) => tokens.toLocaleString('en-US') },
  { head: 'writes, tokens/s', cell: (row) => spread(row.writeTokensPerSecond) },
  { head: 'reads, tokens/s', cell: (row) => spread(row.readTokensPerSecond) },
  { head: 'caches and states', cell: ({ stateBytes }) => formatBytes(stateBytes) },
  { head: 'dispatches per token', cell: (row) => String(row.dispatchesPerToken) },
  { head: 'moved per token', cell: (row) => formatBytes(row.movedBytesPerToken) },
];
