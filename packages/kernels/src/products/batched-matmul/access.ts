import { addressTerms } from '../../memory/digits.ts';
import type { Problem } from '../../contract/contract.ts';
import { plainA } from '../fillings/load-a.ts';
import { storesY } from '../program.ts';
import aQuads from './a.quads.wgsl';
import aScalars from './a.scalars.wgsl';
import bAcross from './b.across.wgsl';
import bFilled from './b.filled.wgsl';
import bGathered from './b.gathered.wgsl';
import bPlain from './b.plain.wgsl';
import bQuads from './b.quads.wgsl';
import bScalars from './b.scalars.wgsl';
import { type Letter, type Order, productOrder, type ProductSizes, spaces } from './orders.ts';
import yQuads from './y.quads.wgsl';
import yScalars from './y.scalars.wgsl';

export interface Access {
  readonly wgsl: readonly string[];
  readonly widths: Readonly<Record<'a' | 'b' | 'y', 1 | 4>>;
  /** Whether four columns of b are read at once. */
  readonly across: boolean;
  /** Whether `load_b` does anything. */
  readonly filled: boolean;
}

/**
 * How a, b and y are read and written: four elements at once where they are neighbours in memory for every index. `squares`:
 * the variant takes b in squares of four by four, so that neighbours along n serve as well as along k.
 */
export function productAccess(problem: Problem, squares: boolean): Access {
  const { axes, options, slots } = problem;
  const sizes = spaces(axes as ProductSizes);
  const [a, b, y] = (['a', 'b', 'y'] as const).map((tensor) => productOrder(tensor, options)) as [
    Order,
    Order,
    Order,
  ];
  const quads = { a: inQuads(a, 'k', sizes), b: inQuads(b, 'k', sizes), y: inQuads(y, 'n', sizes) };
  const across = squares && inQuads(b, 'n', sizes);
  const filled = slots.load_b!.id !== plainA.id;
  const terms = { ...sizes, b: 'params.batch', m: 'params.m' };
  const address = (order: Order, of: readonly Letter[]): string =>
    addressTerms(order, terms, { b: 'batch', m: 'm', n: 'n', k: 'k' })
      // Slices depend on no index: they go with the batch.
      .filter(({ axis }) => of.includes(axis ?? 'b'))
      .map(({ wgsl }) => wgsl)
      .join(' + ') || '0u';
  const row = 'let batch = row / params.m; let m = row % params.m;';
  return {
    widths: { a: quads.a ? 4 : 1, b: quads.b || across ? 4 : 1, y: quads.y ? 4 : 1 },
    across,
    filled,
    wgsl: [
      `fn a_row(row: u32) -> u32 { ${row} return ${address(a, ['b', 'm'])}; }
fn a_along_k(k: u32) -> u32 { return ${address(a, ['k'])}; }
fn b_column(batch: u32, n: u32) -> u32 { return ${address(b, ['b', 'n'])}; }
fn b_along_k(k: u32) -> u32 { return ${address(b, ['k'])}; }
fn y_row(row: u32) -> u32 { ${row} return ${address(y, ['b', 'm'])}; }
fn y_along_n(n: u32) -> u32 { return ${address(y, ['n'])}; }`,
      quads.a ? aQuads : aScalars,
      filled ? bFilled : bPlain,
      ...(across ? [bAcross] : [quads.b ? bQuads : bScalars, bGathered]),
      ...(storesY(problem) ? [quads.y ? yQuads : yScalars] : []),
    ],
  };
}

/** Whether elements 4i to 4i + 3 along `axis` are neighbours, and begin at a multiple of 4, whatever the other indices. */
function inQuads([inner]: Order, axis: Letter, sizes: Readonly<Record<Letter, number>>): boolean {
  if (inner?.axis !== axis || inner.repeated) return false;
  const values = inner.count ?? sizes[axis];
  return [values, inner.first ?? 0, inner.room ?? values].every((each) => each % 4 === 0);
}
