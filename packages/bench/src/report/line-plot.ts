import { grid, height, horizontal, vertical, width } from './log-axes.ts';
import { markOf } from './marks.ts';
import { html, type Markup } from './markup.ts';

/** A place of a series, both coordinates above zero. */
export interface LinePoint {
  readonly series: string;
  readonly x: number;
  readonly y: number;
  /** It was not measured: its mark is hollow. */
  readonly isEstimate?: boolean;
}

/** What a plot of lines says of itself. */
export interface LinePlot {
  readonly title: string;
  /** What runs along the plot, and what up. */
  readonly x: string;
  readonly y: string;
  /** A value as it stands beside a point. */
  readonly text: (value: number) => string;
  readonly caption: string;
  /** Numbers at the axis of values; default three digits. */
  readonly tick?: (value: number) => string;
}

/** A line for each of the series `names`, with both axes logarithmic: along by doublings, up by tens. */
export function linePlot(names: readonly string[], points: readonly LinePoint[], plot: LinePlot): Markup {
  const x = horizontal(
    points.map((point) => point.x),
    2,
  );
  const y = vertical(points.map((point) => point.y));
  const placesOf = (name: string) =>
    points
      .filter(({ series }) => series === name)
      .sort((a, b) => a.x - b.x)
      .map((point) => ({ point, at: [x.place(point.x), y.place(point.y)] as const }));
  return html`<figure>
    <svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${plot.title}">
      ${grid(x, y, { x: plot.x, y: plot.y }, plot.tick)}
      ${names.map((name) => {
        const places = placesOf(name);
        const { shape, colour } = markOf(names, name);
        return html`<polyline
            class="curve"
            stroke="${colour}"
            points="${places.map(({ at }) => at.join(',')).join(' ')}"
          />${places.map(({ point, at }) => {
            const paint = point.isEstimate
              ? html`fill="var(--paper)" style="stroke: ${colour}"`
              : html`fill="${colour}"`;
            const value = `${plot.text(point.y)}${point.isEstimate ? ', extrapolated' : ''}`;
            return html`<path class="point" ${paint} d="${shape(...at)}">
              <title>${name}, ${point.x} ${plot.x}: ${value}</title>
            </path>`;
          })}`;
      })}
    </svg>
    <figcaption>${plot.caption}</figcaption>
  </figure>`;
}
