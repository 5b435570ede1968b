import type { Capabilities } from '../contract/capabilities.ts';
import type { Problem, Variant } from '../contract/contract.ts';

/** The same variants with Plans in front whose `splits` workgroups share a row, where rows are few and long. */
export function splitRows(
  variants: readonly Variant[],
  splits: (problem: Problem, capabilities: Capabilities) => number,
): readonly Variant[] {
  return variants.map((variant) => ({
    ...variant,
    plans: (problem, capabilities, kernel) => {
      const plans = (variant.plans?.(problem, capabilities, kernel) ?? [{}]).map((plan) => ({
        ...plan,
        splits: 1,
      }));
      const count = splits(problem, capabilities);
      return count === 1 ? plans : [...plans.map((plan) => ({ ...plan, splits: count })), ...plans];
    },
  }));
}

/** Splits that give enough workgroups when rows are few and long: at least `least` elements each, at most 64 a row. */
export function splitsOf(rows: number, length: number, least: number, { software }: Capabilities): number {
  const wanted = software ? 4 : 128;
  if (rows * 2 > wanted) return 1;
  return Math.max(1, Math.min(64, Math.ceil(wanted / rows), Math.floor(length / least)));
}
