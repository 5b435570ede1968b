// What the cases of `check` leave out: numbers at the ends of what models give, for both forms.
import { testKernel } from '@tilewright/tooling/test-kernel';
import type { DrawInputs } from '../../contract/check.ts';
import { normalStream } from '../../numbers/philox.ts';
import { check, draw, shape } from './check.ts';
import { elu1Map, expMap } from './feature-maps.ts';
import { exponentialGates, boundedRatio } from './matrix-lstm.ts';
import { sumRatio } from './ratio.ts';
import { stateSpaceGates } from './state-space.ts';

/** Rows of this length, in all directions. */
function rows(count: number, size: number, length: number, normal: () => number): Float32Array {
  const x = Float32Array.from({ length: count * size }, normal);
  for (let row = 0; row < count; row++) {
    const part = x.subarray(row * size, (row + 1) * size);
    const factor = length / Math.sqrt(part.reduce((sum, each) => sum + each * each, 0));
    part.forEach((each, i) => (part[i] = each * factor));
  }
  return x;
}

const streamOf = (random: () => number) => normalStream(Math.floor(random() * 2 ** 31));

/** Queries and keys of length 30. */
const long: DrawInputs = ({ axes }, random) => {
  const normal = streamOf(random);
  const of = (tokens: number, heads: number) =>
    rows(axes.batch! * tokens * heads, axes.key_size!, 30, normal);
  return { q: of(axes.tokens!, axes.heads!), k: of(axes.keys!, axes.key_heads!) };
};

/** Each token turns the state around: β‖k‖² is 2, as is what an eraser takes of its probe. */
const reflections: DrawInputs = (input, random) => {
  const { axes, options } = input;
  const normal = streamOf(random);
  const count = axes.batch! * axes.keys! * axes.value_heads!;
  const inputs = draw(30, 2)(input, random);
  if (options!.rule === 'delta') {
    const k = rows(axes.batch! * axes.keys! * axes.key_heads!, axes.key_size!, Math.SQRT2, normal);
    return { ...inputs, k, beta: new Float32Array(axes.batch! * axes.keys! * axes.beta_heads!).fill(1) };
  }
  const probe = rows(count, axes.key_size!, 1, normal);
  return { ...inputs, probe, eraser: probe.map((each) => -2 * each) };
};

/** Numbers of which every third is −30, every third 30. */
const shut =
  (names: readonly string[]): DrawInputs =>
  ({ axes }) =>
    Object.fromEntries(
      names.map((name, n) => [
        name,
        Float32Array.from(
          { length: axes.batch! * axes.keys! * axes.value_heads! },
          (_, i) => [-30, 30, 0.5][(i + n) % 3]!,
        ),
      ]),
    );

testKernel({
  ...check,
  workloads: [],
  cases: [
    shape([1, 70, 70, [2, 2, 2], 16, 5], {
      name: 'keys of length 30',
      options: { sums: 'none' },
      slots: { feature_map: expMap, finish: sumRatio(1e-6) },
      inputs: long,
    }),
    shape([1, 131, 131, [1, 1, 1], 12, 9], {
      name: 'reflections',
      options: { rule: 'delta', states: 'both' },
      axes: { beta_heads: 1 },
      inputs: reflections,
    }),
    shape([1, 131, 131, [2, 1, 1], 12, 9], {
      name: 'reflections',
      options: { rule: 'general', states: 'both' },
      inputs: reflections,
    }),
    shape([1, 131, 131, [2, 2, 2], 9, 6], {
      name: 'hard gates',
      options: { rule: 'general', decay: 'head', states: 'in place', reverse: true },
      inputs: draw(30, 2),
      dtypes: { decay: 'f32' },
    }),
    shape([1, 131, 131, [2, 2, 2], 9, 6], {
      name: 'hard gates',
      options: { states: 'both', sums: 'both' },
      slots: { gates: exponentialGates, finish: boundedRatio },
      inputs: shut(['gates.i', 'gates.f']),
      dtypes: { final: 'f32', final_sums: 'f32' },
    }),
    shape([1, 131, 131, [2, 2, 2], 9, 6], {
      name: 'steps near 0',
      options: { states: 'both' },
      slots: { gates: stateSpaceGates({ softplus: true, bias: false }) },
      inputs: (input, random) => ({
        ...shut(['gates.step'])(input, random),
        'gates.rate': Float32Array.of(-1, -1e-3),
      }),
    }),
    shape([1, 97, 97, [1, 1, 1], 8, 6], {
      name: 'all steps near 0',
      options: { states: 'both' },
      slots: { gates: stateSpaceGates({ softplus: true, bias: false }) },
      inputs: ({ axes }, random) => ({
        'gates.step': Float32Array.from({ length: axes.keys! }, () => -16 - 14 * random()),
        'gates.rate': Float32Array.of(-1),
      }),
      scale: { v: 1e9, initial: 1 },
      dtypes: { v: 'f32', y: 'f32', final: 'f32' },
    }),
    shape([2, 70, 70, [4, 2, 2], 6, 5], {
      name: 'free erasers of weighted keys',
      options: { rule: 'general', states: 'final', sums: 'none' },
      slots: { gates: stateSpaceGates({ softplus: true, bias: false }), feature_map: elu1Map },
      inputs: (input, random) => ({
        ...draw(1, 1)(input, random),
        'gates.rate': Float32Array.of(-0.3, -1.3),
      }),
    }),
  ],
});
