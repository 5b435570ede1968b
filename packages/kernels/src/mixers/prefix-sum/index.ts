import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import type { UniformType } from '../../contract/storage-type.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import { type ScanParts, scanVariants } from '../scan/variants.ts';
import carryWgsl from './carry.wgsl';
import { runningSum } from './fillings.ts';
import prefixSumWgsl from './prefix-sum.wgsl';

export { runningMaximum, runningProduct, runningSum } from './fillings.ts';
export type { CombineReference } from './fillings.ts';

const typeOf = ({ dtypes: { y = 'f32' } }: Problem): UniformType => (y === 'f16' ? 'f32' : y);

/** The larger of two, and what is below all; the bits of −∞ are no constant, which WGSL would refuse. */
const order = {
  f32: 'fn least() -> Value { var bits = 0xff800000u; return Value(bitcast<f32>(bits)); }',
  i32: `fn least() -> Value { return Value(i32(-2147483647 - 1)); }
fn larger(a: Value, b: Value) -> Value { return max(a, b); }`,
  u32: `fn least() -> Value { return Value(); }
fn larger(a: Value, b: Value) -> Value { return max(a, b); }`,
};

function program(problem: Problem, plan: Plan, parts: ScanParts): Program {
  const { exclusive, reverse } = problem.options;
  const type = typeOf(problem);
  return assemble({
    problem,
    plan,
    ...parts,
    constants: { ...parts.constants, EXCLUSIVE: exclusive === true, REVERSE: reverse === true },
    wgsl: [...(type === 'f32' ? [largerWgsl(parts.width)] : []), order[type], ...parts.wgsl, prefixSumWgsl],
  });
}

/**
 * y = running sums of x along one axis.
 *
 * Running sums, or what else the slot `combine` makes of two: an associative operation. The axis is `tokens`, between those before it,
 * `batch`, and those behind it, `channels`.
 *
 * `x` and `y` are `[batch, tokens, channels]`, each f32 or f16 (combined in f32), or both u32 or both i32. With `exclusive` an element counts from
 * the next one on; with `reverse` the running begins at the end.
 */
export const prefixSum: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'prefix-sum',
  axes: { batch: 'dynamic', tokens: 'dynamic', channels: 'static' },
  inputs: { x: { shape: ['batch', 'tokens', 'channels'], order: 'rows' } },
  outputs: { y: { shape: ['batch', 'tokens', 'channels'], order: 'rows' } },
  options: { exclusive: [false, true], reverse: [false, true] },
  slots: {
    // The operation: `combine(earlier, later)` and `combine_identity()`, of Values.
    combine: { default: runningSum },
  },
  dtypes: ['f32', 'f16', 'u32', 'i32'],
  supports: (problem) => {
    const { x = 'f32', y = 'f32' } = problem.dtypes;
    return (
      (x === 'f16' ? 'f32' : x) === typeOf(problem) || `x is ${x} and y ${y}: both are floats, or of one type`
    );
  },
  variants: /* @__PURE__ */ scanVariants({
    algebra: { wgsl: '', carry: carryWgsl, values: 1 },
    type: typeOf,
    narrow: true,
    bindings: () => ({ load: ['x'], start: [], emit: ['y'], finish: [] }),
    program,
  }),
});
