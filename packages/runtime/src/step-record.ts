// The numbers of a step as one flat list: each extent that a sequence evaluates is there once, after those it is made of, and a
// step evaluates again only what depends on values that changed.
import { type Extent, extent, type ExtentOperator, type Sizes } from '@tilewright/kernels';

/** Where a number stands in the list. */
export type Cell = number;

export interface StepRecord {
  /** The values that a step must give. */
  readonly names: readonly string[];
  /** The cell of an extent; `sizes` says what names stand for, which else are values of the step. */
  cellOf(e: Extent, sizes?: Readonly<Record<string, Extent>>): Cell;
  /**
   * Takes the values of a step and evaluates what changed; false where nothing did. Throws what `missing` makes of a name
   * without a value. After {@link forget}, everything counts as changed.
   */
  update(values: Sizes, missing: (name: string) => Error): boolean;
  valueOf(cell: Cell): number;
  changed(cell: Cell): boolean;
  forget(): void;
}

interface Derived {
  readonly cell: Cell;
  readonly operator: ExtentOperator;
  readonly a: Cell;
  readonly b: Cell;
}

export function createStepRecord(): StepRecord {
  const values: number[] = [];
  const changes: boolean[] = [];
  const cells = new Map<string, Cell>();
  const given: { readonly name: string; readonly cell: Cell }[] = [];
  const names: string[] = [];
  const fixed: Cell[] = [];
  const derived: Derived[] = [];
  let remembered = false;

  const cellFor = (key: string, value: number, define: (cell: Cell) => unknown): Cell => {
    const known = cells.get(key);
    if (known !== undefined) return known;
    const cell = values.push(value) - 1;
    changes.push(true);
    cells.set(key, cell);
    define(cell);
    return cell;
  };
  const stepValue = (name: string): Cell =>
    cellFor(`value ${name}`, NaN, (cell) => {
      given.push({ name, cell });
      names.push(name);
    });
  const cellOf = (e: Extent, sizes: Readonly<Record<string, Extent>> = {}): Cell => {
    if (typeof e === 'number') return cellFor(`number ${e}`, e, (cell) => fixed.push(cell));
    if (typeof e === 'string') {
      const size = sizes[e];
      return size === undefined ? stepValue(e) : cellOf(size);
    }
    const [operator, a, b] = [e[0], cellOf(e[1], sizes), cellOf(e[2], sizes)];
    return cellFor(`${operator} ${a} ${b}`, NaN, (cell) => derived.push({ cell, operator, a, b }));
  };
  return {
    names,
    cellOf,
    update(step, missing) {
      const all = !remembered;
      remembered = false;
      let any = all;
      for (const { name, cell } of given) {
        const value = step[name];
        if (value === undefined) throw missing(name);
        changes[cell] = all || value !== values[cell];
        values[cell] = value;
        any ||= changes[cell];
      }
      for (const cell of fixed) changes[cell] = all;
      for (const { cell, operator, a, b } of derived) {
        changes[cell] = all || changes[a]! || changes[b]!;
        if (!changes[cell]) continue;
        const value = extent(operator, values[a]!, values[b]!) as number;
        changes[cell] = all || value !== values[cell];
        values[cell] = value;
      }
      remembered = true;
      return any;
    },
    valueOf: (cell) => values[cell]!,
    changed: (cell) => changes[cell]!,
    forget() {
      remembered = false;
    },
  };
}
