import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { OptionValue, Problem, Program, Variant } from '../../contract/contract.ts';
import { ceilDiv, type Extent, extent, plus, times } from '../../contract/extent.ts';
import { stateBefore, writesState } from '../states.ts';
import { cellOf, common, sizesOf, unitWgsl } from './parts.ts';
import stepsLateWgsl from './steps.late.wgsl';
import stepsWgsl from './steps.wgsl';

const carriedFor = (problem: Problem): { readonly blocks: number; readonly mixed: number } => {
  const { early, gates } = sizesOf(problem);
  const mixed = cellOf(problem).memory ? 3 : 2;
  return { mixed, blocks: mixed + (early < gates ? 1 + early : 0) };
};

/** A dispatch for each token, two of a cell that is late. */
export const steps: Variant = {
  name: 'steps',
  rank: (problem, capabilities) => (isLarge(problem, capabilities) ? 0 : 2),
  program: (problem, plan, kernel): Program => {
    const { hidden, directions, gates, width, early } = sizesOf(problem);
    const isLate = early < gates;
    const { states, memory, lengths, sequence } = problem.options;
    const { constants, views, wgsl } = common(problem);
    const { mixed, blocks } = carriedFor(problem);
    const lines = times('batch', directions);
    const all = ceilDiv(times(lines, hidden), workgroup);
    const tiles = times(lines, Math.ceil(hidden / (workgroup / 8)));
    const step = ['g', 'r', ...(lengths ? ['lengths'] : []), 'carried'];
    const finals = [
      ...(writesState(states) ? ['final'] : []),
      ...(memory !== 'off' && writesState(memory) ? ['final_memory'] : []),
    ];
    const turn = (i: number): { readonly workgroups: Extent } => ({
      // Of steps that there are not, there is nothing.
      workgroups: times(tiles, extent('min', 1, extent('max', 0, extent('-', 'tokens', i)))),
    });
    return assemble({
      kernel,
      problem,
      plan,
      views,
      constants: {
        ...constants,
        WORKGROUP: workgroup,
        EARLY: early,
        IS_LATE: isLate,
        MIXED: mixed,
        SUMS: isLate ? early : gates,
      },
      wgsl: [
        ...wgsl,
        unitWgsl('carried_unit', 'vector: u32, ', (i) => `carried_load(vector + ${i})`, width),
        stepsWgsl,
        ...(isLate ? [stepsLateWgsl] : []),
      ],
      scratch: {
        carried: { sizeBytes: plus(8, times(lines, 4 * hidden * blocks)) },
      },
      dispatches: [
        {
          entryPoint: 'begin',
          workgroups: all,
          bindings: [
            ...bindingsBefore(states, 'initial', 'final'),
            ...bindingsBefore(memory, 'initial_memory', 'final_memory'),
            'carried',
          ],
          slots: [],
        },
        ...Array.from({ length: problem.axes.tokens! }, (_, i) => [
          ...(isLate
            ? [
                {
                  entryPoint: i % 2 === 0 ? 'even_reset' : 'odd_reset',
                  ...turn(i),
                  bindings: step,
                },
              ]
            : []),
          {
            entryPoint: i % 2 === 0 ? 'even' : 'odd',
            ...turn(i),
            bindings: [...step, ...(sequence ? ['y'] : [])],
          },
        ]).flat(),
        ...(finals.length > 0
          ? [
              {
                entryPoint: 'finish',
                workgroups: all,
                bindings: ['carried', ...finals],
                slots: [],
              },
            ]
          : []),
      ],
    });
  },
};

const workgroup = 64;

const bindingsBefore = (state: OptionValue | undefined, initial: string, final: string): readonly string[] =>
  [stateBefore(state, initial, final) ?? []].flat();

/** A matrix that one workgroup takes long to read again for every token, and few lines that could share the device. */
function isLarge(problem: Problem, { software }: Capabilities): boolean {
  const { hidden, gates, directions } = sizesOf(problem);
  const bytes = 4 * gates * hidden * hidden;
  return !software && bytes > 2 ** 20 && problem.axes.batch! * directions < 32;
}
