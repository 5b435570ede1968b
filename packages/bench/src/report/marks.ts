import { html, type Markup } from './markup.ts';

type Shape = (x: number, y: number) => string;

/** Marks that differ in form as well as in colour. */
const shapes: readonly Shape[] = [
  (x, y) => `M${x - 5} ${y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z`,
  (x, y) => `M${x - 5} ${y - 5}h10v10h-10z`,
  (x, y) => `M${x} ${y - 6}l6 11h-12z`,
  (x, y) => `M${x} ${y - 6}l6 6l-6 6l-6 -6z`,
];
const colours = 8;

/** The mark of the series of this name among `names`: its outline at a place, and its colour. */
export function markOf(
  names: readonly string[],
  name: string,
): { readonly shape: Shape; readonly colour: string } {
  const index = names.indexOf(name);
  const shape = shapes[(index + Math.floor(index / colours)) % shapes.length]!;
  return { shape, colour: `var(--s${index % colours})` };
}

export function legend(names: readonly string[]): Markup {
  return html`<ul class="legend">
    ${names.map((name) => {
      const { shape, colour } = markOf(names, name);
      return html`<li>
        <svg viewBox="-7 -7 14 14" aria-hidden="true"><path fill="${colour}" d="${shape(0, 0)}" /></svg>
        ${name}
      </li>`;
    })}
  </ul>`;
}
