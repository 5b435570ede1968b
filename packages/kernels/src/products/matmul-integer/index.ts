import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { addressTerms } from '../../memory/digits.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import matmulIntegerWgsl from './matmul-integer.wgsl';
import { matricesOf } from './matrices.ts';

const tile = 32;

/** WGSL of a zero point: one for all, one per line of every matrix, or one per line of each matrix. */
function zeroWgsl(problem: Problem, side: 'a' | 'b'): string {
  const argument = side === 'a' ? 'row' : 'column';
  const lines = side === 'a' ? 'params.m' : `${problem.axes.n}u`;
  const index: Readonly<Record<string, string>> = {
    tensor: '0u',
    line: argument,
    'matrix line': `${side}_batch(batch) * ${lines} + ${argument}`,
  };
  const at = problem.options[`${side}_zero_point`]
    ? index[String(problem.options[`${side}_zero_per`])]
    : undefined;
  const value = at && `byte_of(${side}_zero_point_load((${at}) / 4u), ${at}, ${side.toUpperCase()}_SIGNED)`;
  return `fn ${side}_zero_of(batch: u32, ${argument}: u32) -> i32 { return ${value ?? '0i'}; }`;
}

/** `fn <side>_batch(batch) -> u32`: the matrix for a batch row. */
function matrixWgsl({ options }: Problem, side: 'a' | 'b'): string {
  const terms = addressTerms(matricesOf(options, side), { b: 'params.batch' }, { b: 'batch' });
  const sum = terms.map(({ wgsl }) => wgsl).join(' + ') || '0u';
  return `fn ${side}_batch(batch: u32) -> u32 { return ${sum}; }`;
}

function program(problem: Problem, plan: Plan): Program {
  const { n, k } = problem.axes as { n: number; k: number };
  const { a_type: aType, b_type: bType } = problem.options;
  const tilesN = Math.ceil(n / tile);
  return assemble({
    kernel: matmulInteger,
    problem,
    plan,
    constants: {
      N: n,
      K: k,
      TILES_N: tilesN,
      A_SIGNED: aType === 'i8',
      B_SIGNED: bType === 'i8',
      ROLLED: plan.rolled === true,
    },
    wgsl: [
      matmulIntegerWgsl,
      matrixWgsl(problem, 'a'),
      matrixWgsl(problem, 'b'),
      zeroWgsl(problem, 'a'),
      zeroWgsl(problem, 'b'),
    ],
    dispatches: [{ entryPoint: 'main', workgroups: times('batch', times(ceilDiv('m', tile), tilesN)) }],
  });
}

/**
 * y = (a - a_zero_point) · (b - b_zero_point), 8-bit integers, sums in 32 bits.
 *
 * The product of two matrices of 8-bit integers, exact in 32 bits (ONNX `MatMulInteger`). `matmul-int8` is for float
 * activations and compressed weights.
 *
 * `a` `[matrices, m, k]` and `b` `[matrices, k, n]` are bytes in row-major order, four to a word, `a_words` and `b_words` words
 * in all; `a_type` and `b_type` say whether bytes are `u8` or `i8`. `y` i32 is `[batch, m, n]`; `a_batches` and `b_batches`
 * say which matrix a batch row takes (default its own; see `matricesOf`). With the options `a_zero_point` and
 * `b_zero_point` there are zero points, of the operand's type and packed like it, `a_zero_words` and `b_zero_words` words: one per `tensor`, per `line`
 * (row of a, column of b) of every matrix, or per `matrix line`, as `a_zero_per` and `b_zero_per` say. Sums wrap at 32 bits.
 */
export const matmulInteger: Kernel<'a' | 'b' | 'a_zero_point' | 'b_zero_point', 'y'> =
  /* @__PURE__ */ defineKernel({
    name: 'matmul-integer',
    axes: {
      batch: 'dynamic',
      m: 'dynamic',
      n: 'static',
      k: 'static',
      a_words: 'dynamic',
      b_words: 'dynamic',
      a_zero_words: 'dynamic',
      b_zero_words: 'dynamic',
    },
    axesWhen: { a_zero_words: ['a_zero_point', true], b_zero_words: ['b_zero_point', true] },
    inputs: {
      a: { shape: ['a_words'], dtype: 'u32' },
      b: { shape: ['b_words'], dtype: 'u32' },
      a_zero_point: { shape: ['a_zero_words'], dtype: 'u32', when: ['a_zero_point', true] },
      b_zero_point: { shape: ['b_zero_words'], dtype: 'u32', when: ['b_zero_point', true] },
    },
    outputs: { y: { shape: ['batch', 'm', 'n'], dtype: 'i32' } },
    options: {
      a_type: ['u8', 'i8'],
      b_type: ['u8', 'i8'],
      a_zero_point: [false, true],
      b_zero_point: [false, true],
      a_zero_per: ['tensor', 'line', 'matrix line'],
      b_zero_per: ['tensor', 'line', 'matrix line'],
      a_batches: ['b'],
      b_batches: ['b'],
    },
    dtypes: ['f32'],
    validate: ({ options }) => {
      for (const side of ['a', 'b'] as const) matricesOf(options, side);
    },
    variants: [
      {
        name: 'baseline',
        plans: (_, { software }) => [{ rolled: software }],
        program,
      },
    ],
  });
