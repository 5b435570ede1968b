import type { ComparisonRow } from '../compare/row.ts';
import type { FormatRow } from '../formats/row.ts';
import type { HostRow } from '../host/row.ts';
import type { ScalingRow } from '../scaling/row.ts';
import type { Environment } from '../suite/environment.ts';
import type { KernelRow } from '../suite/row.ts';
import { html, type Markup, nothing } from './markup.ts';
import { peerBars } from './peer-bars.ts';
import { roofline } from './roofline.ts';
import { scaling } from './scaling.ts';
import { style } from './style.ts';
import { cards, comparisonTable, formatTable, hostTable, kernelTable, troubles } from './tables.ts';

/** One line of `--json`: a workload, a case beside the peer, a length of a sequence, a format of weights, or a step of the host, told apart by `kind`. */
export type BenchRow = KernelRow | ComparisonRow | ScalingRow | FormatRow | HostRow;

/** One self-contained HTML file: no script, no network, light and dark. Rows may come from several adapters. */
export function writeReport(rows: readonly BenchRow[]): string {
  const adapters = [...new Set(rows.map((row) => row.environment.adapter))];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tilewright bench</title>
        <style>
          ${{ markup: style }}
        </style>
      </head>
      <body>
        <h1>Tilewright bench</h1>
        <p class="quiet">Every result is held against an f64 oracle first; only right ones have times.</p>
        ${adapters.length === 0 ? html`<p>There are no rows.</p>` : nothing}
        ${adapters.map((adapter) => onAdapter(rows.filter((row) => row.environment.adapter === adapter)))}
      </body>
    </html> `;
  return page.markup;
}

function onAdapter(rows: readonly BenchRow[]): Markup {
  const kernels = rows.filter((row) => row.kind === 'kernel');
  const comparisons = rows.filter((row) => row.kind === 'comparison');
  const lengths = rows.filter((row) => row.kind === 'scaling');
  const formats = rows.filter((row) => row.kind === 'format');
  const steps = rows.filter((row) => row.kind === 'host');
  const peer = comparisons[0]?.peer;
  return html`${header(rows[0]!.environment)} ${cards(kernels, comparisons)}
  ${
    kernels.length > 0
      ? html`<h2>Kernels against the ceilings of this adapter</h2>
          ${roofline(kernels)}${kernelTable(kernels)}${timing(kernels)}`
      : nothing
  }
  ${
    peer
      ? html`<h2>Beside ${peer.name} ${peer.version}, WebGPU provider</h2>
          <p class="quiet">
            Wall time with weights on the GPU, input from the host and output back to it, in turns in one
            process; the median of the runs, and below it the least and the most of them. A bar beyond the
            line is faster than the peer.
          </p>
          ${peerBars(comparisons)}
          <h3>All cases</h3>
          ${comparisonTable(comparisons)}`
      : nothing
  }
  ${lengths.length > 0 ? scaling(lengths) : nothing}
  ${
    formats.length > 0
      ? html`<h2>Weights in each format beside f32</h2>
          <p class="quiet">
            A product with a weight, in turns with the same product of f32 in one process; the speedup is the
            median of the ratios of samples that were taken in turn.
          </p>
          ${formatTable(formats)}`
      : nothing
  }
  ${
    steps.length > 0
      ? html`<h2>What a step costs the host</h2>
          <p class="quiet">
            Until everything is submitted, on a backend that runs nothing, in turns with a bare loop that sets
            the same pipelines and bind groups and dispatches as often.
          </p>
          ${hostTable(steps)}`
      : nothing
  }
  ${troubles(rows)}`;
}

function timing(kernels: readonly KernelRow[]): Markup {
  const timed = kernels.filter((row) => row.clock !== null);
  const clocks = [
    ...new Set(
      timed.map(({ clock }) =>
        clock === 'timestamp' ? 'GPU time by timestamp queries' : 'wall time, submit to done',
      ),
    ),
  ];
  const caches = [...new Set(timed.map(({ cache }) => `${cache!} caches`))];
  return timed.length === 0
    ? nothing
    : html`<p class="quiet">Times are ${[...clocks, ...caches].join(', ')}.</p>`;
}

function header(environment: Environment): Markup {
  const { adapter, software, driver, subgroups, features, toggles, versions, platform, commit, date } =
    environment;
  const [least, most] = subgroups;
  const lines: readonly (readonly [string, string])[] = [
    ['adapter', `${adapter}${software ? ' (software, on the CPU)' : ''}`],
    ['driver', driver],
    ['subgroups', most === 0 ? 'none' : least === most ? String(least) : `${least} to ${most}`],
    ['features', features.join(', ')],
    ['toggles', toggles.join(' ')],
    [
      'versions',
      `tilewright ${versions.tilewright ?? 'unknown'}, webgpu ${versions.webgpu ?? 'unknown'}, Node ${versions.node}, ${platform}`,
    ],
    ['commit', commit ?? 'not in a repository'],
    ['measured', date],
  ];
  return html`<dl>
    ${lines
      .filter(([, value]) => value !== '')
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`;
}
