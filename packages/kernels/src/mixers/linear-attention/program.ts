// What the forms of linear attention have in common: how tensors are read, gates found and states kept.
import { assemble, type AssembleInput } from '../../contract/assemble.ts';
import { contractBindings } from '../../contract/bindings.ts';
import type { Kernel, Plan, Problem, Program } from '../../contract/contract.ts';
import { ceilDiv, type Extent, times } from '../../contract/extent.ts';
import logisticWgsl from '../../numbers/logistic.wgsl';
import powerWgsl from '../../numbers/power.wgsl';
import { sequencesWgsl, stateCount } from '../sequences/index.ts';
import { writesState } from '../states.ts';
import copySumsWgsl from './copy-sums.wgsl';
import copyWgsl from './copy.wgsl';
import gatesWgsl from './gates.wgsl';
import placesWgsl from './places.wgsl';
import { plainGates } from './slots.ts';

/** Sizes by the names of the axes. */
export type LinearAttentionSizes = Record<
  'heads' | 'key_heads' | 'value_heads' | 'outputs' | 'key_size' | 'value_size',
  number
>;

/** Storage bindings that a dispatch has on every device. */
const bindingsAtMost = 8;

/** What a form adds. */
export type LinearAttentionForm = Pick<AssembleInput, 'constants' | 'scratch' | 'wgsl'> & {
  /** What the dispatch that writes y binds, of the tensors that there are. */
  readonly main: (bound: readonly string[]) => readonly string[];
  /** Dispatches; `bound` are the tensors that there are, `main` those that the one that writes y binds. */
  readonly dispatches: (bound: readonly string[], main: readonly string[]) => AssembleInput['dispatches'];
  /** Where `finish` finds what the gates noted, as a function of its place; default among all gates. */
  readonly note?: string;
};

/** Whether the slot `gates` is filled. */
export const hasGates = ({ slots }: Problem): boolean => slots.gates!.id !== plainGates.id;

/** The Program of a form. */
export function linearAttentionProgram(
  kernel: Kernel,
  problem: Problem,
  plan: Plan,
  form: LinearAttentionForm,
): Program {
  const { options, scalars } = problem;
  const sizes = problem.axes as LinearAttentionSizes;
  const { states, sums, rule, decay } = options;
  const gated = hasGates(problem);
  const rows = times(times('batch', 'keys'), sizes.value_heads);
  const stateElements = times(stateCount(problem), sizes.value_heads * sizes.key_size * sizes.value_size);
  const names = contractBindings(kernel, problem).map(({ name }) => name);
  const copiesSums = sums === 'in place';
  const bound = [
    ...names.filter((name) => !(copiesSums && name === 'initial_sums')),
    ...(gated ? ['gate_values'] : []),
    ...(copiesSums ? ['sums_before'] : []),
  ];
  const inFinish = Object.keys(problem.slots.finish!.bindings ?? {}).length;
  const copies = states === 'both' && form.main(bound).length + inFinish > bindingsAtMost;
  const reads = bound.filter((name) => !(copies && name === 'initial'));
  const lines = (elements: Extent): Extent => ceilDiv(elements, 64);
  const before = (() => {
    if (copies || states === 'in place') return 'last';
    return states === 'initial' || states === 'both' ? 'initial' : undefined;
  })();
  const sumsBefore = copiesSums
    ? 'sums_before'
    : sums === 'initial' || sums === 'both'
      ? 'initial_sums'
      : undefined;
  const sumAt = `(sequence * VALUE_HEADS + head) * KEY_SIZE + i`;
  const beta =
    'beta_load((place.batch * params.keys + place.token) * BETA_HEADS + place.head * BETA_HEADS / VALUE_HEADS)';
  const gate = gated
    ? 'gate_values_load(state_row(place)).xy'
    : `vec2<f32>(${decay === 'head' ? 'decay_load(state_row(place))' : '0.0'}, ${rule === 'delta' ? beta : '1.0'})`;
  const element = (tensor: string): string => `${tensor}_load(state_row(place) * KEY_SIZE + i)`;
  return assemble({
    kernel,
    problem,
    plan,
    constants: {
      HEADS: sizes.heads,
      KEY_HEADS: sizes.key_heads,
      VALUE_HEADS: sizes.value_heads,
      OUTPUTS: sizes.outputs,
      KEY_SIZE: sizes.key_size,
      VALUE_SIZE: sizes.value_size,
      ...(rule === 'delta' && { BETA_HEADS: problem.axes.beta_heads! }),
      SCALE: { f32: scalars.scale! },
      FEATURE_SCALE: { f32: scalars.feature_scale! },
      REVERSE: options.reverse === true,
      CAUSAL: options.causal === true,
      CROSS: options.cross === true,
      VALUE_FIRST: options.state_order === 'value key',
      NORMALIZES: sums !== 'off',
      DECAYS: gated || decay !== 'none',
      ERASES_KEYS: rule === 'delta',
      ERASES_FREELY: rule === 'general',
      MANY: 0x3fff_ffff,
      ...form.constants,
    },
    // `final` is a word of WGSL's.
    views: { final: { identifier: 'last' }, final_sums: { identifier: 'last_sums' } },
    scratch: {
      ...(gated && { gate_values: { width: 4, sizeBytes: times(rows, 16) } }),
      ...(copiesSums && {
        sums_before: {
          sizeBytes: times(stateCount(problem), 4 * sizes.value_heads * sizes.key_size),
        },
      }),
      ...form.scratch,
    },
    wgsl: [
      powerWgsl,
      logisticWgsl,
      sequencesWgsl(problem),
      placesWgsl,
      `fn gate_of(place: Place) -> vec2<f32> { return ${gate}; }
fn note_of(place: Place) -> f32 { return ${form.note ?? 'gate_note'}(place); }
fn gate_note(place: Place) -> f32 { return ${gated ? 'gate_values_load(state_row(place)).z' : '0.0'}; }
fn key_decay(place: Place, i: u32) -> f32 { return ${decay === 'key' ? element('decay') : '0.0'}; }
fn probe_at(place: Place, i: u32) -> f32 { return ${rule === 'general' ? element('probe') : '0.0'}; }
fn eraser_at(place: Place, i: u32) -> f32 { return ${rule === 'general' ? element('eraser') : '0.0'}; }
fn state_before(sequence: u32, head: u32, i: u32, column: u32) -> f32 { return ${
        before ? `${before}_load(state_at(sequence, head, i, column))` : '0.0'
      }; }
fn keep_state(sequence: u32, head: u32, i: u32, column: u32, value: f32) { ${
        writesState(states) ? 'last_store(state_at(sequence, head, i, column), value);' : ''
      } }
fn sum_before(sequence: u32, head: u32, i: u32) -> f32 { return ${
        sumsBefore ? `${sumsBefore}_load(${sumAt})` : '0.0'
      }; }
fn keep_sum(sequence: u32, head: u32, i: u32, value: f32) { ${
        sums !== 'off' && writesState(sums) ? `last_sums_store(${sumAt}, value);` : ''
      } }`,
      ...(gated ? [gatesWgsl] : []),
      ...(copies ? [copyWgsl] : []),
      ...(copiesSums ? [copySumsWgsl] : []),
      ...form.wgsl,
    ],
    dispatches: [
      ...(gated
        ? [
            {
              entryPoint: 'gate_tokens',
              workgroups: lines(rows),
              bindings: ['gate_values'],
              slots: ['gates'],
            },
          ]
        : []),
      ...(copies
        ? [
            {
              entryPoint: 'copy_states',
              workgroups: lines(stateElements),
              bindings: ['initial', 'final'],
              slots: [],
            },
          ]
        : []),
      ...(copiesSums
        ? [
            {
              entryPoint: 'copy_sums',
              workgroups: lines(times(stateCount(problem), sizes.value_heads * sizes.key_size)),
              bindings: ['sums_before', 'final_sums'],
              slots: [],
            },
          ]
        : []),
      ...form.dispatches(reads, form.main(reads)),
    ],
  });
}
