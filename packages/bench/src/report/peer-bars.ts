import { summarise } from '../compare/summary.ts';
import type { ComparisonRow } from '../compare/row.ts';
import { duration, figure } from './format.ts';
import { html, type Markup, nothing } from './markup.ts';

/** A bar for each compared case: how many times faster than the peer, whose own speed is the line at 1. */
export function peerBars(rows: readonly ComparisonRow[]): Markup {
  const compared = rows.filter((row) => row.ratio !== null);
  if (compared.length === 0) return nothing;
  const longest = Math.max(2, ...compared.map(({ ratio }) => ratio!));
  const { ops } = summarise(rows);
  return html`${ops.map(({ op, geometricMean }) => {
    const own = compared.filter((row) => row.op === op);
    if (own.length === 0) return nothing;
    return html`<h3>${op} <small>${figure(geometricMean)}× in the geometric mean</small></h3>
      <div class="bars">${own.map((row) => bar(row, longest))}</div>`;
  })}`;
}

function bar({ case: name, ratio, slower, oursMs, peerMs }: ComparisonRow, longest: number): Markup {
  const end = Math.round((1000 * ratio!) / longest);
  const one = Math.round(1000 / longest);
  const tone = slower ? 'bad' : ratio! < 1 ? 'even' : 'good';
  return html`<div class="bar">
    <span class="label">${name}</span>
    <svg
      viewBox="0 0 1000 20"
      preserveAspectRatio="none"
      role="img"
      aria-label="${figure(ratio!)} times the speed of the peer"
    >
      <rect class="${tone}" width="${end}" height="20" />
      <line x1="${one}" x2="${one}" y1="0" y2="20" vector-effect="non-scaling-stroke" />
    </svg>
    <span class="value"
      ><strong>${figure(ratio!)}×</strong> <small>${duration(oursMs!)} / ${duration(peerMs!)}</small></span
    >
  </div>`;
}
