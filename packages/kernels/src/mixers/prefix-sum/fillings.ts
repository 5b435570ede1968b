import type { Filling } from '../../contract/filling.ts';

/** What the oracle knows of a filling of the slot `combine`. */
export interface CombineReference {
  /** What nothing comes to. */
  readonly identity: number;
  readonly combine: (earlier: number, later: number) => number;
}

/** An associative operation on `Value`s, one number or four neighbouring ones: `earlier` and `later`, and the identity. */
const combining = (
  id: string,
  identity: string,
  combined: string,
  reference: CombineReference,
): Filling<CombineReference> => ({
  id,
  wgsl: (slot) => `fn ${slot}_identity() -> Value { return ${identity}; }
fn ${slot}(earlier: Value, later: Value) -> Value { return ${combined}; }`,
  reference,
});

/** Sums; integers wrap around. */
export const runningSum: Filling<CombineReference> = /* @__PURE__ */ combining(
  'sum',
  'Value()',
  'earlier + later',
  { identity: 0, combine: (earlier, later) => earlier + later },
);

/** Products; integers wrap around. */
export const runningProduct: Filling<CombineReference> = /* @__PURE__ */ combining(
  'product',
  'Value() + 1',
  'earlier * later',
  { identity: 1, combine: (earlier, later) => earlier * later },
);

/** The largest so far, NaN from the first one on; of nothing −∞, or the least integer. */
export const runningMaximum: Filling<CombineReference> = /* @__PURE__ */ combining(
  'maximum',
  'least()',
  'larger(earlier, later)',
  { identity: -Infinity, combine: Math.max },
);
