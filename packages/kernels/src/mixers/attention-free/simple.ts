// The form without biases: linear in the tokens.
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import logisticWgsl from '../../numbers/logistic.wgsl';
import powerWgsl from '../../numbers/power.wgsl';
import { rowWidth, valueWgsl } from '../../rows/index.ts';
import { type ScanParts, scanVariants } from '../scan/variants.ts';
import simpleCarryWgsl from './simple.carry.wgsl';
import simpleWgsl from './simple.wgsl';
import wholeWgsl from './whole.wgsl';

/** A function of a number, of each of four. */
const ofEach = (name: string, of: string, width: 1 | 4): string =>
  `fn ${name}(x: Value) -> Value { return ${
    width === 1 ? `${of}(x)` : `Value(${['x', 'y', 'z', 'w'].map((part) => `${of}(x.${part})`).join(', ')})`
  }; }`;

const assembled = (problem: Problem, plan: Plan, parts: ScanParts): Program =>
  assemble({
    problem,
    plan,
    ...parts,
    wgsl: [
      powerWgsl,
      logisticWgsl,
      largerWgsl(parts.width),
      ...parts.wgsl,
      'fn weight(below: f32) -> f32 { return keep_nan(below, exp(max(below, -104.0))); }',
      ofEach('weight_of', 'weight', parts.width),
      ofEach('gate_of', 'sigmoid', parts.width),
    ],
  });

const whole: Variant = {
  name: 'whole',
  supports: ({ options }) => (!options.bias && !options.causal) || 'it has no biases, and is not causal',
  rank: () => 0,
  program: (problem, plan, kernel) => {
    const width = rowWidth(problem.axes.channels!);
    const units = problem.axes.channels! / width;
    const lines = times('batch', units);
    const parts = ceilDiv('tokens', part);
    return assembled(problem, plan, {
      kernel,
      width,
      constants: { UNITS: units, WORKGROUP: workgroup, PART: part, MANY: 0x3fff_ffff },
      wgsl: [valueWgsl[width], simpleWgsl, simpleCarryWgsl, wholeWgsl],
      scratch: { carries: { width, sizeBytes: times(times(lines, parts), 3 * width * 4) } },
      dispatches: [
        {
          entryPoint: 'gather',
          workgroups: ceilDiv(times(lines, parts), workgroup),
          bindings: ['k', 'v', 'carries'],
        },
        { entryPoint: 'add_up', workgroups: ceilDiv(lines, workgroup), bindings: ['carries'] },
        {
          entryPoint: 'emit',
          workgroups: ceilDiv(times(lines, 'tokens'), workgroup),
          bindings: ['q', 'carries', 'y'],
        },
      ],
    });
  },
};

const workgroup = 64;
/** Tokens of an invocation. */
const part = 64;

/** What computes it without biases: a scan where it is causal, else sums. */
export const simpleVariants = (): readonly Variant[] => [
  ...scanVariants({
    algebra: { wgsl: simpleWgsl, carry: simpleCarryWgsl, values: 3 },
    bindings: () => ({ load: ['k', 'v'], start: [], emit: ['q', 'y'], finish: [] }),
    program: assembled,
  }).map((variant): Variant => ({
    ...variant,
    supports: ({ options }) =>
      (!options.bias && options.causal === true) || 'it has no biases, and is causal',
  })),
  whole,
];
