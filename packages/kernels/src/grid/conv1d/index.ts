import { checkOptions } from '../../contract/check-options.ts';
import { assemble } from '../../contract/assemble.ts';
import type { OptionValue, Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import conv1dWgsl from './conv1d.wgsl';

const workgroup = 64;
/** Outputs along the tokens that an invocation adds up side by side. */
const rows = 4;
const subject = 'conv1d';

/** Stride, dilation and padding of a convolution over tokens. */
interface Steps {
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  readonly paddingEnd: number;
}

function stepsOf(options: Readonly<Record<string, OptionValue>>): Steps {
  const read = (option: string, usual: number, least: number): number => {
    const value = Number(options[option] ?? usual);
    // Places are 32-bit numbers in the shader.
    if (Number.isSafeInteger(value) && value >= least && value < 2 ** 24) return value;
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `option '${option}' is ${value}`,
      requirement: `it is an integer from ${least} up to 16777215`,
      fix: `give ${option} such a number`,
    });
  };
  const padding = read('padding', 0, 0);
  const paddingEnd = read('padding_end', -1, -1);
  return {
    stride: read('stride', 1, 1),
    dilation: read('dilation', 1, 1),
    padding,
    paddingEnd: paddingEnd < 0 ? padding : paddingEnd,
  };
}

/**
 * Tokens that `conv1d` leaves of `tokens` with these options, 0 where no window fits. `options` are those of the kernel.
 * Throws `bad-argument`.
 */
export function convolvedTokens(
  tokens: number,
  window: number,
  options: Readonly<Record<string, OptionValue>> = {},
): number {
  checkOptions('convolvedTokens', options, Object.keys(conv1d.definition.options!));
  const { stride, dilation, padding, paddingEnd } = stepsOf(options);
  const sizes = [
    ['tokens', tokens, 0],
    ['window', window, 1],
  ] as const;
  for (const [name, size, least] of sizes)
    if (!Number.isSafeInteger(size) || size < least)
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `${name} is ${size}`,
        requirement: `it is an integer from ${least} up`,
        fix: `give ${name} such a number`,
      });
  return Math.max(0, Math.floor((tokens + padding + paddingEnd - dilation * (window - 1) - 1) / stride) + 1);
}

function validate({ axes, options }: Problem): void {
  const wanted = convolvedTokens(axes.tokens!, axes.window!, options);
  if (axes.out_tokens === wanted) return;
  throw new TilewrightError('bad-shape', {
    subject,
    problem: `there are ${axes.out_tokens} out_tokens`,
    requirement: `${axes.tokens} tokens, a window of ${axes.window} and these options leave ${wanted}`,
    fix: 'take out_tokens from convolvedTokens',
  });
}

function program(problem: Problem, plan: Plan): Program {
  const { window, in_channels: channels, out_channels: outChannels } = problem.axes;
  const { stride, dilation, padding } = stepsOf(problem.options);
  const [inWidth, outWidth] = [channels! % 4 === 0 ? 4 : 1, outChannels! % 4 === 0 ? 4 : 1] as const;
  const outUnits = outChannels! / outWidth;
  const parts = inWidth === 4 ? ['x', 'y', 'z', 'w'] : [''];
  const weights = parts.map((_, i) => `weight_load(first + ${i}u * OUT_UNITS)`);
  const products = parts.map((part, i) => `x${part && `.${part}`} * weights[${i}]`);
  const value = outWidth === 4 ? 'vec4<f32>' : 'f32';
  return assemble({
    kernel: conv1d,
    problem,
    plan,
    constants: {
      WORKGROUP: workgroup,
      ROWS: rows,
      WINDOW: window!,
      STRIDE: stride,
      DILATION: dilation,
      PADDING: padding,
      IN_WIDTH: inWidth,
      IN_UNITS: channels! / inWidth,
      OUT_UNITS: outUnits,
    },
    views: {
      x: { width: inWidth },
      weight: { width: outWidth },
      bias: { width: outWidth },
      y: { width: outWidth },
    },
    wgsl: [
      conv1dWgsl,
      `alias Value = ${value};
alias Weights = array<Value, IN_WIDTH>;
fn weights_at(first: u32) -> Weights { return Weights(${weights.join(', ')}); }
fn product(x: ${inWidth === 4 ? 'vec4<f32>' : 'f32'}, weights: Weights) -> Value { return ${products.join(' + ')}; }
fn bias_at(unit: u32) -> Value { return ${problem.options.bias === true ? 'bias_load(unit)' : 'Value(0.0)'}; }`,
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', outUnits), ceilDiv('out_tokens', rows)), workgroup),
      },
    ],
  });
}

/**
 * y = bias + Σ weight · x over windows of tokens, all channels.
 *
 * A convolution along tokens, channels last: keys and values shortened before attention (Speechformer, Papi et al. 2021,
 * arXiv 2109.04574), front ends of speech models.
 *
 * `x` is `[batch, tokens, in_channels]`, `weight` `[window, in_channels, out_channels]` (PyTorch's `[out, in, window]` with
 * its axes reversed), `y` `[batch, out_tokens, out_channels]`, each f32 or f16; sums are f32. With the option `bias` there is
 * a `bias` `[out_channels]`. Options `stride`, `dilation`, `padding` (zeros in front) and `padding_end` (as many behind
 * unless given: 0 behind and `dilation · (window - 1)` in front is a causal convolution). {@link convolvedTokens} gives
 * `out_tokens`; both counts of tokens may shrink from run to run. For a kernel per channel see `pool`.
 *
 * @throws `bad-argument` for options that are no such integers, `bad-shape` for other `out_tokens`.
 */
export const conv1d: Kernel<'x' | 'weight' | 'bias', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'conv1d',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    out_tokens: 'dynamic',
    window: 'static',
    in_channels: 'static',
    out_channels: 'static',
  },
  inputs: {
    x: ['batch', 'tokens', 'in_channels'],
    weight: ['window', 'in_channels', 'out_channels'],
    bias: { shape: ['out_channels'], when: ['bias', true] },
  },
  outputs: { y: ['batch', 'out_tokens', 'out_channels'] },
  options: { stride: [1], dilation: [1], padding: [0], padding_end: [-1], bias: [false, true] },
  dtypes: ['f32', 'f16'],
  validate,
  variants: [{ name: 'baseline', program }],
});
