import { assemble } from '../../contract/assemble.ts';
import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import powerWgsl from '../../numbers/power.wgsl';
import { type Fourier, fourierOf, fourierTable } from '../fourier.ts';
import { lineLoads } from '../loads.ts';
import { fourierPasses } from '../passes.ts';
import { identityMap } from '../../mixers/linear-attention/slots.ts';
import columnsWgsl from './columns.wgsl';
import normsWgsl from './norms.wgsl';

/** Bytes of columns that are transformed at once. */
const mostScratch = 64 * 2 ** 20;

/** Complex columns of a head: two values each, one more value where there is a denominator. */
const pairsOf = ({ axes, options }: Pick<Problem, 'axes' | 'options'>): number =>
  Math.ceil((axes.value_size! + Number(options.normalize === true)) / 2);

/** Units (a head of a batch row with a pair of columns) in all, and of a turn. */
function unitsOf(problem: Problem): { readonly units: number; readonly perTurn: number } {
  const { batch, heads, tokens, features, size } = problem.axes as Record<string, number>;
  const units = batch! * heads! * pairsOf(problem);
  const isCut = fourierOf(size!)!.parts.length > 1;
  const unitBytes = 8 * features! * (tokens! + (isCut ? size! : 0));
  return { units, perTurn: Math.max(1, Math.min(units, Math.floor(mostScratch / unitBytes))) };
}

function program(problem: Problem, plan: Plan): Program {
  const { axes, scalars, options } = problem;
  const { normalize } = options;
  const { units, perTurn } = unitsOf(problem);
  const lines = perTurn * axes.features!;
  const passes = fourierPasses(
    {
      fourier: fourierOf(axes.size!)!,
      isRound: true,
      sign: '-1.0',
      lines,
      isInside: true,
      bindings: { enter: ['turn', 'k', 'v'], amid: ['turn', 'spectrum'], leave: ['convolved'] },
      slots: { enter: ['feature_map'], amid: [], leave: [] },
    },
    Number(plan.workgroup),
  );
  const gathering = ceilDiv(times('tokens', perTurn), 64);
  const gathered = ['turn', 'q', 'convolved', ...(normalize === true ? ['norms'] : [])];
  const turn = [
    ...passes.dispatches,
    ...(normalize === true ? [{ entryPoint: 'weigh', workgroups: gathering, bindings: gathered }] : []),
    { entryPoint: 'finish', workgroups: gathering, bindings: [...gathered, 'y'] },
    { entryPoint: 'next', workgroups: 1, bindings: ['turn'], slots: [] },
  ];
  return assemble({
    kernel: toeplitzTransform,
    problem,
    plan,
    constants: {
      HEADS: axes.heads!,
      KEY_HEADS: axes.key_heads!,
      FEATURES: axes.features!,
      VALUE_SIZE: axes.value_size!,
      BIAS_HEADS: axes.bias_heads!,
      SIZE: axes.size!,
      MIDDLE: (axes.span! - 1) / 2,
      PAIRS: pairsOf(problem),
      UNITS: perTurn,
      LINES: lines,
      FEATURE_SCALE: { f32: scalars.feature_scale! },
      EPSILON: { f32: scalars.epsilon! },
      NORMALIZES: normalize === true,
      ...passes.constants,
    },
    views: { spectrum: { width: 2 }, roots: { width: 2 } },
    scratch: {
      ...passes.scratch,
      turn: { sizeBytes: 4, dtype: 'u32' },
      convolved: { sizeBytes: times('tokens', 8 * lines), width: 2 },
      ...(normalize === true && {
        norms: { sizeBytes: times(times('batch', 'tokens'), 4 * axes.heads!) },
      }),
    },
    wgsl: [
      powerWgsl,
      columnsWgsl,
      normalize === true
        ? normsWgsl
        : 'fn finished(unit: Unit, token: u32, sums: vec2<f32>) -> vec2<f32> { return sums; }',
      ...passes.wgsl,
    ],
    dispatches: [
      { entryPoint: 'begin', workgroups: 1, bindings: ['turn'], slots: [] },
      ...Array.from({ length: Math.ceil(units / perTurn) }, () => turn).flat(),
    ],
  });
}

/** The tensor `roots` of {@link toeplitzTransform} for `size` points, a length without a prime above 7. Throws `bad-argument` for others. */
export function toeplitzRoots(size: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(fourierTable(transformOf('toeplitzRoots', size)));
}

function transformOf(subject: string, size: number): Fourier {
  checkOptions(subject, { size }, { size: positiveInteger });
  const fourier = fourierOf(size);
  if (fourier) return fourier;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `size is ${size}`,
    requirement: 'it has no prime above 7',
    fix: `give fftSize(${size})`,
  });
}

/** Loads of a head of a batch row, for comparing with direct sums. Throws `bad-argument` for what are no sizes. */
export function toeplitzLoads(
  sizes: Readonly<Record<'size' | 'tokens' | 'features' | 'columns', number>>,
): number {
  checkOptions('toeplitzLoads', sizes, {
    size: positiveInteger,
    tokens: positiveInteger,
    features: positiveInteger,
    columns: positiveInteger,
  });
  const { size, tokens, features, columns } = sizes;
  return Math.ceil(columns / 2) * features * (2 * lineLoads(transformOf('toeplitzLoads', size)) + 2 * tokens);
}

/**
 * Kernelized attention whose weights carry a factor by distance, by Fourier transforms: `y_i = Σ_j w_{i−j} (φ(q_i)·φ(k_j)) v_j`, over `Σ_j w_{i−j}
 * (φ(q_i)·φ(k_j)) + epsilon` with `normalize` (Luo et al. 2021, arXiv 2106.12566). Each feature of the keys times each column of the values is
 * convolved with the weights, in turns of at most 64 MiB.
 *
 * `q` and `y` are `[batch, tokens, heads, features or value_size]`, `k` and `v` `[batch, keys, key_heads, …]`, each f32 or f16. `spectrum` f32
 * `[bias_heads, 2 · size]` is the transform of the weights over size: of what stands at `(i − j − middle) mod size`, complex, `middle` being that of
 * `span` distances. `roots` is
 * `toeplitzRoots(size)`. Distances of tokens and keys must not meet round the end: size is at least the larger number plus `middle`. Errors are
 * relative to the largest term of a whole sequence. The slot `feature_map` is that of linear-attention.
 */
export const toeplitzTransform: Kernel<'q' | 'k' | 'v' | 'spectrum' | 'roots', 'y'> =
  /* @__PURE__ */ defineKernel({
    name: 'toeplitz-transform',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      keys: 'dynamic',
      heads: 'static',
      key_heads: 'static',
      features: 'static',
      value_size: 'static',
      bias_heads: 'static',
      size: 'static',
      span: 'static',
      numbers: 'static',
      entries: 'static',
    },
    inputs: {
      q: ['batch', 'tokens', 'heads', 'features'],
      k: ['batch', 'keys', 'key_heads', 'features'],
      v: ['batch', 'keys', 'key_heads', 'value_size'],
      spectrum: { shape: ['bias_heads', 'numbers'], dtype: 'f32' },
      roots: { shape: ['entries'], dtype: 'f32' },
    },
    outputs: { y: ['batch', 'tokens', 'heads', 'value_size'] },
    scalars: { feature_scale: 1, epsilon: 1e-6 },
    options: { normalize: [true, false] },
    slots: {
      // Features of queries and keys, element by element.
      feature_map: { default: identityMap },
    },
    dtypes: ['f32', 'f16'],
    validate: ({ axes }) => {
      const { size, span, numbers, entries, tokens, keys } = axes as Record<string, number>;
      const bad = (problem: string, requirement: string, fix: string): TilewrightError =>
        new TilewrightError('bad-shape', { subject: 'toeplitz-transform', problem, requirement, fix });
      const fourier = fourierOf(size!);
      if (!fourier)
        throw bad(
          `size is ${size}`,
          'it has a plan: no prime above 7, parts of at most 2,048',
          'give fftSize(size)',
        );
      if (numbers !== 2 * size! || entries !== 2 * fourier.entries)
        throw bad(
          `the spectrum has ${numbers} numbers and the table ${entries}`,
          `of ${size} points they have ${2 * size!} and ${2 * fourier.entries}`,
          `give toeplitzRoots(${size}), and a complex spectrum`,
        );
      const needed = Math.max(tokens!, keys!) + (span! - 1) / 2;
      if (span! % 2 === 0 || needed > size!)
        throw bad(
          `size is ${size} with ${tokens} tokens, ${keys} keys and a span of ${span}`,
          'a span is odd, and its half and the larger number fit into the size',
          `give an odd span, and a size of ${Math.ceil(needed)} or more`,
        );
    },
    variants: [
      {
        name: 'baseline',
        // A CPU runs a workgroup on one thread.
        plans: (_, { software }) => (software ? [32, 64] : [256, 128]).map((workgroup) => ({ workgroup })),
        program,
      },
    ],
  });
