import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import { gridAddressWgsl, gridRows, gridSizes, gridVector, productOf } from '../grid.ts';
import poolWgsl from './pool.wgsl';
import { type PoolAxis, poolAxes } from './windows.ts';

const workgroup = 64;

const windowTokens = (axes: readonly PoolAxis[]): number => productOf(axes.map(({ window }) => window));

function validate(problem: Problem): void {
  const { axes, options } = problem;
  gridSizes('pool', problem, axes.tokens!);
  const along = poolAxes(options);
  const fail = (what: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', { subject: 'pool', problem: what, requirement, fix });
  };
  if (options.count_padding === true && options.operation !== 'mean')
    throw new TilewrightError('bad-argument', {
      subject: 'pool',
      problem: `options 'count_padding' and operation '${options.operation}' are given together`,
      requirement: 'only means count what is in a window',
      fix: "leave out count_padding, or take operation 'mean'",
    });
  const outputs = along.map((axis) => axis.outputs);
  if (productOf(outputs) !== axes.out_tokens)
    fail(
      `there are ${axes.out_tokens} out_tokens`,
      `a window, stride, padding and dilation as given leave ${outputs.join(' x ')}, that is ${productOf(outputs)}`,
      'take out_tokens from pooledGrid',
    );
  if (options.operation === 'weighted') {
    if (axes.window_tokens !== windowTokens(along))
      fail(
        `'weight' has ${axes.window_tokens} rows`,
        `a window of ${along.map(({ window }) => window).join(' x ')} has ${windowTokens(along)} tokens, with a row each`,
        "change 'weight', or the option 'window'",
      );
    if (axes.weight_heads !== 1 && axes.weight_heads !== axes.heads)
      fail(
        `'weight' has ${axes.weight_heads} heads, and x ${axes.heads}`,
        'heads have weights of their own, or share one',
        "give 'weight' as many heads, or 1",
      );
  }
  gridRows('pool', 'x', problem, axes.tokens!);
  gridRows('pool', 'y', problem, axes.out_tokens!);
}

function program(problem: Problem, plan: Plan): Program {
  const { tokens, out_tokens: outTokens, heads, head_size: size, weight_heads: weightHeads } = problem.axes;
  const { operation, edges, count_padding: countPadding } = problem.options;
  const along = poolAxes(problem.options);
  const width = size! % 4 === 0 ? 4 : 1;
  const units = size! / width;
  const vector = (
    name: string,
    of: (axis: PoolAxis) => number,
    missing: number,
    type: 'u32' | 'i32' = 'u32',
  ): string => `const ${name} = ${gridVector(type, along.map(of), missing)};`;
  const weight =
    operation === 'weighted'
      ? `x * weight_load((tap * ${weightHeads}u + ${weightHeads === 1 ? '0u' : 'head'}) * UNITS + unit)`
      : 'x';
  return assemble({
    kernel: pool,
    problem,
    plan,
    constants: {
      WORKGROUP: workgroup,
      UNITS: units,
      HEADS: heads!,
      OUT_TOKENS: outTokens!,
      MAXIMUM: operation === 'max',
      MEAN: operation === 'mean',
      // Reflected places are tokens, too.
      COUNT_PADDING: countPadding === true || edges === 'reflect',
      REFLECT: edges === 'reflect',
    },
    width,
    wgsl: [
      poolWgsl,
      largerWgsl(width),
      `alias Value = ${width === 4 ? 'vec4<f32>' : 'f32'};`,
      vector('SIZES', (axis) => axis.size, 1),
      vector('OUTPUTS', (axis) => axis.outputs, 1),
      vector('WINDOW', (axis) => axis.window, 1),
      vector('STRIDE', (axis) => axis.stride, 1),
      vector('DILATION', (axis) => axis.dilation, 1),
      vector('PADDING', (axis) => axis.before, 0, 'i32'),
      gridAddressWgsl('x_at', gridRows('pool', 'x', problem, tokens!), width),
      gridAddressWgsl('y_at', gridRows('pool', 'y', problem, outTokens!), width),
      `fn weighted(x: Value, tap: u32, head: u32, unit: u32) -> Value { return ${weight}; }`,
    ],
    dispatches: [
      { entryPoint: 'main', workgroups: ceilDiv(times('batch', outTokens! * heads! * units), workgroup) },
    ],
  });
}

/**
 * y = max, mean or Σ weight · x over windows of a grid of tokens.
 *
 * Pools tokens that lie on a grid: shorter queries, keys and values (MViT, Fan et al. 2021, arXiv 2104.11227; Informer's
 * distilling; means of blocks).
 *
 * `x` is `[batch, tokens, heads, head_size]`, `y` `[batch, out_tokens, heads, head_size]`, f32 or f16 each; sums are f32.
 * The option `grid` gives the sizes of one to three axes, outermost first (`'8x14x14'`); `window`, `stride`, `padding`,
 * `padding_end` (that of `padding` unless given) and `dilation` one number for each, or one for all. {@link pooledGrid} gives
 * `out_tokens`. `operation`:
 *
 * - `max`: the largest.
 * - `mean`: padding counts only with `count_padding`.
 * - `weighted`: a strided depthwise convolution with `weight` `[window_tokens, weight_heads, head_size]`; one of
 *   `weight_heads` serves all heads.
 *
 * Padding is no token: a window without any gives 0. With `edges: 'reflect'` it repeats the grid, mirrored. `x_strides` and
 * `y_strides` are memory orders as attention has them: `b s 1/3 h d` are the keys of a packed projection.
 *
 * @throws `bad-argument` for numbers that do not fit the grid, `bad-shape` for a grid or `out_tokens` of another size.
 */
export const pool: Kernel<'x' | 'weight', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'pool',
  axes: {
    batch: 'dynamic',
    tokens: 'static',
    out_tokens: 'static',
    heads: 'static',
    head_size: 'static',
    window_tokens: 'static',
    weight_heads: 'static',
  },
  axesWhen: { window_tokens: ['operation', 'weighted'], weight_heads: ['operation', 'weighted'] },
  inputs: {
    x: { shape: ['batch', 'tokens', 'heads', 'head_size'], order: { option: 'x_strides', letters: 'bshd' } },
    weight: { shape: ['window_tokens', 'weight_heads', 'head_size'], when: ['operation', 'weighted'] },
  },
  outputs: {
    y: {
      shape: ['batch', 'out_tokens', 'heads', 'head_size'],
      order: { option: 'y_strides', letters: 'bshd' },
    },
  },
  options: {
    grid: [''],
    window: ['1'],
    stride: ['1'],
    padding: ['0'],
    padding_end: [''],
    dilation: ['1'],
    operation: ['mean', 'max', 'weighted'],
    edges: ['outside', 'reflect'],
    count_padding: [false, true],
    x_strides: ['bshd'],
    y_strides: ['bshd'],
  },
  dtypes: ['f32', 'f16'],
  validate,
  variants: [{ name: 'baseline', program }],
});
export { pooledGrid } from './windows.ts';
