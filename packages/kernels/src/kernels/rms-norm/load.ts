import type { OracleTensor } from '../../core/check.ts';
import type { Filling } from '../../core/filling.ts';

/** The row's values before they are normalised, and what the filling writes besides, by its own names. */
export type NormLoadReference = (
  x: OracleTensor,
  inputs: Readonly<Record<string, OracleTensor>>,
  round: (value: number) => number,
) => { readonly values: OracleTensor; readonly written: Readonly<Record<string, OracleTensor>> };

/** The rows of `x` themselves. */
export const plainLoad: Filling<NormLoadReference> = {
  id: 'x',
  wgsl: (slot) => `fn ${slot}(row: u32, unit: u32) -> Value { return x_load(row * UNITS + unit); }`,
  reference: (x) => ({ values: x, written: {} }),
};

/**
 * Adds a residual to `x` before the norm, and writes the sum, from which the next block's residual is taken.
 *
 * Bindings: `residual` and out `sum`, `[rows, hidden]` like `x`.
 */
export function residualLoad(hidden: number): Filling<NormLoadReference> {
  const width = hidden % 4 === 0 ? 4 : 1;
  const tensor = { shape: ['rows', 'hidden'], dtype: 'float', width } as const;
  return {
    id: `x+residual x${width}`,
    bindings: { residual: tensor, sum: { ...tensor, role: 'output' } },
    wgsl: (slot) => `fn ${slot}(row: u32, unit: u32) -> Value {
  let at = row * UNITS + unit;
  let value = x_load(at) + ${slot}_residual_load(at);
  ${slot}_sum_store(at, value);
  return value;
}`,
    reference: (x, { residual }, round) => {
      const values = x.map((value, i) => round(value + residual![i]!));
      return { values, written: { sum: values } };
    },
  };
}
