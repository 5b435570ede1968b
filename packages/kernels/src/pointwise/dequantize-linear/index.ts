import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import dequantizeLinearWgsl from './dequantize-linear.wgsl';

const workgroup = 64;

/** Scales in all, and their strides along outer, blocks of length, and inner. */
function scaleStrides(problem: Pick<Problem, 'axes' | 'options'>) {
  const { outer, length, inner, block } = problem.axes as Record<string, number>;
  const blocks = Math.ceil(length! / block!);
  switch (problem.options.scale_per) {
    case 'tensor':
      return { count: 1, outer: 0, length: 0, inner: 0 };
    case 'axis':
      return { count: blocks, outer: 0, length: 1, inner: 0 };
    default:
      return { count: outer! * blocks * inner!, outer: blocks * inner!, length: inner!, inner: 1 };
  }
}

function program(problem: Problem, plan: Plan): Program {
  const { length, inner, block } = problem.axes as Record<'length' | 'inner' | 'block', number>;
  const { x_type: type, zero_point: hasZero } = problem.options;
  const strides = scaleStrides(problem);
  // Four stores of halves share two words, and a vector of them is one store.
  const vectors = (length * inner) % 4 === 0;
  return assemble({
    kernel: dequantizeLinear,
    problem,
    plan,
    constants: {
      LENGTH: length,
      INNER: inner,
      BLOCK: block,
      OUTER_STRIDE: strides.outer,
      LENGTH_STRIDE: strides.length,
      INNER_STRIDE: strides.inner,
      WIDE: type === 'i32',
      SIGNED: type === 'i8',
      WORKGROUP: workgroup,
    },
    views: { y: { width: vectors ? 4 : 1 } },
    wgsl: [
      dequantizeLinearWgsl,
      `fn zero_word(i: u32) -> u32 { return ${hasZero ? 'zero_point_load(i)' : '0u'}; }`,
      vectors
        ? `fn store_four(i: u32, v: vec4<f32>) { y_store(i / 4u, v); }
fn store_one(i: u32, v: f32) {}`
        : `fn store_four(i: u32, v: vec4<f32>) { for (var j = 0u; j < 4u; j++) { y_store(i + j, v[j]); } }
fn store_one(i: u32, v: f32) { y_store(i, v); }`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('outer', length * inner), 4 * workgroup) }],
  });
}

/**
 * y = (x - zero point) · scale, per tensor, per index of an axis, or per block along it.
 *
 * Integers to numbers, `y = (x - zero point) · scale` (ONNX `DequantizeLinear`): of a tensor that a graph carries in integers. Weights
 * in compressed formats are decoded by the kernels that read them instead.
 *
 * `x` is `[outer, length, inner]` of `x_type` `u8`, `i8` (bytes, four to a word) or `i32`, `x_words` words in all; `y` the same
 * shape, f32 or f16. `scale_per` says what shares a scale: the `tensor` (`scale` `[1]`), what has the same index along `length`
 * (`axis`: `[length]`), or a `block` of that many neighbours along `length` (`[outer, ⌈length / block⌉, inner]`; the axis `block`
 * is 1 otherwise); `scales` in all. With the option `zero_point` there is one for each scale, of x's type, in `zero_words` words.
 */
export const dequantizeLinear: Kernel<'x' | 'scale' | 'zero_point', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'dequantize-linear',
  axes: {
    outer: 'dynamic',
    length: 'static',
    inner: 'static',
    block: 'static',
    x_words: 'dynamic',
    scales: 'dynamic',
    zero_words: 'dynamic',
  },
  axesWhen: { zero_words: ['zero_point', true] },
  inputs: {
    x: { shape: ['x_words'], dtype: 'u32' },
    scale: ['scales'],
    zero_point: { shape: ['zero_words'], dtype: 'u32', when: ['zero_point', true] },
  },
  outputs: { y: ['outer', 'length', 'inner'] },
  options: { x_type: ['u8', 'i8', 'i32'], scale_per: ['tensor', 'axis', 'block'], zero_point: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: (problem) => {
    const { count } = scaleStrides(problem);
    if (problem.axes.scales === count) return;
    throw new TilewrightError('bad-shape', {
      subject: 'dequantize-linear',
      problem: `there are ${problem.axes.scales} scales per ${problem.options.scale_per}`,
      requirement: `these axes have ${count}`,
      fix: 'give a scale for each, or another scale_per',
    });
  },
  variants: [{ name: 'baseline', program }],
});
