import { html, type Markup } from '@tilewright/bench/report';

const width = 640;
const height = 360;
/** Room for numbers with a sign, and for a line below those of the other axis, in the larger type of narrow pages. */
const margin = { left: 92, right: 20, top: 16, bottom: 64 };

/** How good something is, and how large. */
export interface QualityPoint {
  readonly name: string;
  readonly bitsPerWeight: number;
  /** Lower is better. */
  readonly value: number;
  /** Of the value, where it is known. */
  readonly standardError?: number | null;
}

/**
 * A point each; bits per weight on a logarithmic axis. `title` is what values are; `fromZero`: the axis begins there. A bar
 * is a standard error to either side. `front`: a line joins the points that none other betters.
 */
export function scatter(
  points: readonly QualityPoint[],
  title: string,
  fromZero: boolean,
  front = false,
): Markup {
  const bits = points.map((point) => point.bitsPerWeight);
  const values = points.flatMap(({ value, standardError }) => {
    const error = standardError ?? 0;
    return [value - error, value + error];
  });
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(1e-3, 0.08 * (most - least));
  const [low, high] = [fromZero ? Math.min(0, least) : least - room, most + room];
  const [first, last] = [Math.log2(Math.min(...bits)) - 0.2, Math.log2(Math.max(...bits)) + 0.2];
  const x = (value: number): number =>
    margin.left + ((Math.log2(value) - first) / (last - first)) * (width - margin.left - margin.right);
  const y = (value: number): number =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const rows = roundNumbers(low, high);
  const columns = [2, 3, 4, 6, 8, 16, 32].filter(
    (value) => Math.log2(value) > first && Math.log2(value) < last,
  );
  return html`<svg
    class="plot"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${title} by bits per weight"
  >
    ${rows.map(
      ({ value, shown }) =>
        html`<line
            class="grid"
            x1="${margin.left}"
            x2="${width - margin.right}"
            y1="${y(value).toFixed(1)}"
            y2="${y(value).toFixed(1)}"
          />
          <text class="quiet" x="${margin.left - 8}" y="${(y(value) + 5).toFixed(1)}" text-anchor="end"
            >${shown}</text
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
            y="${height - margin.bottom + 25}"
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
    ${
      front
        ? html`<polyline
            class="grid"
            fill="none"
            stroke-dasharray="5 5"
            points="${paretoFront(points)
              .map((point) => `${x(point.bitsPerWeight).toFixed(1)},${y(point.value).toFixed(1)}`)
              .join(' ')}"
          />`
        : ''
    }
    ${points.map((point, i) => {
      const [at, error] = [x(point.bitsPerWeight), point.standardError ?? 0];
      return html`<g
        ><title>${point.name}: ${point.bitsPerWeight.toFixed(2)} bits, ${point.value.toFixed(4)}</title
        ><line
          stroke="var(--s${i % 8})"
          stroke-width="2"
          x1="${at.toFixed(1)}"
          x2="${at.toFixed(1)}"
          y1="${y(point.value - error).toFixed(1)}"
          y2="${y(point.value + error).toFixed(1)}"
        />${mark(i, at, y(point.value))}</g
      >`;
    })}
  </svg>`;
}

/** The points that none other betters in one thing without being worse in the other, smallest first. */
export function paretoFront(points: readonly QualityPoint[]): readonly QualityPoint[] {
  const front: QualityPoint[] = [];
  for (const point of points.toSorted((a, b) => a.bitsPerWeight - b.bitsPerWeight || a.value - b.value))
    if (front.length === 0 || point.value < front.at(-1)!.value) front.push(point);
  return front;
}

/** Multiples of a 1, 2 or 5 with zeros, four to eight between two numbers, with as many digits as tell them apart. */
export function roundNumbers(
  low: number,
  high: number,
): readonly { readonly value: number; readonly shown: string }[] {
  const least = (high - low) / 8;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9))!;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => {
    const value = (first + i) * step;
    return { value, shown: value.toFixed(digits) };
  });
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

export const legend = (points: readonly Pick<QualityPoint, 'name'>[]): Markup =>
  html`<ul class="legend">
    ${points.map(
      ({ name }, i) =>
        html`<li><svg viewBox="-9 -9 18 18" aria-hidden="true">${mark(i, 0, 0)}</svg>${name}</li>`,
    )}
  </ul>`;
