// The page of `compress --html`: one file, no script, no network, light and dark.
import { type Column, formatBytes, html, type Markup, reportStyle, table } from '@tilewright/bench/report';
import type { CompressionReport, LayerReport } from '@tilewright/compression';
import type { ChosenVariant } from '../model/load.ts';
import { legend, type QualityPoint, scatter } from '../model/quality-plot.ts';

const errorOf = (layer: LayerReport): number => layer.outputError ?? layer.weightError;

const columns: readonly Column<LayerReport>[] = [
  { head: 'weight', text: true, cell: ({ name }) => name },
  { head: 'shape', cell: ({ shape }) => shape.join(' × ') },
  { head: 'format', text: true, cell: ({ formatAfter }) => formatAfter },
  { head: 'bits', cell: ({ bitsPerWeight }) => bitsPerWeight.toFixed(2) },
  { head: 'bytes', cell: ({ bytesAfter }) => formatBytes(bytesAfter) },
  { head: 'zeros', cell: ({ sparsity }) => `${(100 * sparsity).toFixed(1)} %` },
  { head: 'error', cell: (layer) => errorOf(layer).toExponential(2) },
  {
    head: 'worst row',
    cell: ({ worstRowError }) => worstRowError.toExponential(2),
  },
];

export function writeCompressionPage({
  name,
  fileBytes,
  boundBytes,
  report,
  calibration,
  points,
}: ChosenVariant & {
  readonly name: string;
  readonly fileBytes: number;
  readonly boundBytes: number;
  /** This run and earlier ones, where quality was measured. */
  readonly points: readonly QualityPoint[];
}): string {
  const { layers, recipe, bitsPerWeight, bytesBefore, bytesAfter }: CompressionReport = report;
  const layerPoints = layers.map((layer) => ({
    name: layer.name,
    bitsPerWeight: layer.bitsPerWeight,
    value: errorOf(layer),
  }));
  const of = layers[0]?.outputError === null ? 'weight' : "layer's output";
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tilewright: ${name}, ${recipe}</title>
        <style>
          ${{ markup: reportStyle }}
        </style>
      </head>
      <body>
        <h1>${name}: ${recipe}</h1>
        <dl>
          <dt>layers</dt>
          <dd>
            ${formatBytes(bytesAfter)} of ${formatBytes(bytesBefore)}, ${bitsPerWeight.toFixed(2)} bits a
            weight
          </dd>
          <dt>whole</dt>
          <dd>${formatBytes(fileBytes)} on disk, ${formatBytes(boundBytes)} bound</dd>
          <dt>calibrated on</dt>
          <dd>${calibration ?? 'nothing: this recipe needs no text'}</dd>
        </dl>
        ${points.length > 0 ? qualityPart(points) : ''}
        <h2>Size and error of layers</h2>
        <figure>
          ${scatter(layerPoints, 'Relative squared error', true)}
          <figcaption>
            Relative squared error of the ${of}, against the bits each weight takes: a point is a layer. Lower
            and further left is better; tilewright evaluate says what it does to the model.
          </figcaption>
        </figure>
        <h2>Layers</h2>
        ${table(columns, layers)}
        <p class="quiet">
          error: relative squared error of the ${of}; worst row: of the weights of the row in which it is
          largest, 1 where a row was lost.
        </p>
      </body>
    </html> `.markup;
}

/** Runs beside each other. */
const qualityPart = (points: readonly QualityPoint[]): Markup =>
  html`<h2>Size and quality</h2>
    <figure>
      ${scatter(points, 'Divergence from the dense model', true, true)}
      <figcaption>
        Kullback-Leibler divergence from the dense model in nats per token, against the bits each weight
        takes: a point is a run. Lower and further left is better; the dashed line joins the runs that none
        betters. Measured on windows of the text that calibrated, other ones: tilewright evaluate measures on
        what was held out.
      </figcaption>
    </figure>
    ${legend(points)}`;
