import type { Extent } from '@tilewright/kernels';

/** What a person reads: `2·tokens + ⌈keys/16⌉`. */
export function printExtent(e: Extent): string {
  return print(e, 0);
}

/** Shapes as people read them: `[batch, 2·tokens, 64]`. */
export const printShape = (shape: readonly Extent[]): string => `[${shape.map(printExtent).join(', ')}]`;

const sum = 1;
const product = 2;

function print(e: Extent, around: number): string {
  if (typeof e === 'number') return String(e);
  if (typeof e === 'string') return e;
  const [operator, a, b] = e;
  if (operator === 'min' || operator === 'max') return `${operator}(${print(a, 0)}, ${print(b, 0)})`;
  if (operator === 'floor/') return `⌊${print(a, product)}/${print(b, product)}⌋`;
  if (operator === 'ceil/') return `⌈${print(a, product)}/${print(b, product)}⌉`;
  if (operator === '*') {
    if (a === -1) return `−${print(b, product)}`;
    return `${print(a, product)}·${print(b, product)}`;
  }
  const text = `${print(a, sum)} ${operator === '-' ? '−' : '+'} ${print(b, operator === '-' ? product : sum)}`;
  return around >= product ? `(${text})` : text;
}
