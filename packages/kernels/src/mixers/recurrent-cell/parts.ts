// What both ways to run a cell have in common.
import type { AssembleInput } from '../../contract/assemble.ts';
import type { Problem } from '../../contract/contract.ts';
import { rowWidth, valueWgsl } from '../../rows/index.ts';
import { stateBefore, writesState } from '../states.ts';
import placesWgsl from './places.wgsl';
import type { RecurrentCell } from './slots.ts';

export const cellOf = ({ slots }: Problem): RecurrentCell => slots.cell as RecurrentCell;

export interface RecurrentSizes {
  readonly hidden: number;
  readonly directions: number;
  readonly gates: number;
  readonly width: 1 | 4;
  /** Gates whose products are of the hidden state itself. */
  readonly early: number;
}

export function sizesOf(problem: Problem): RecurrentSizes {
  const { hidden, directions, gates } = problem.axes as Record<string, number>;
  const early = cellOf(problem).late ? gates! - 1 : gates!;
  return {
    hidden: hidden!,
    directions: directions!,
    gates: gates!,
    width: rowWidth(hidden!),
    early,
  };
}

/** A unit of a vector of numbers that lie side by side: four neighbours, or one. */
export const unitWgsl = (name: string, parameters: string, at: (i: string) => string, width: 1 | 4): string =>
  `fn ${name}(${parameters}i: u32) -> Value { return ${
    width === 1 ? at('i') : `Value(${['0', '1', '2', '3'].map((k) => at(`4u * i + ${k}u`)).join(', ')})`
  }; }`;

/** What both ways are made of. */
export function common(problem: Problem): Required<Pick<AssembleInput, 'constants' | 'views' | 'wgsl'>> {
  const { hidden, directions, gates, width } = sizesOf(problem);
  const { states, memory, lengths, sequence, reverse, layout } = problem.options;
  const { memory: remembers } = cellOf(problem);
  const read = (state: typeof states, initial: string, last: string): string => {
    const before = stateBefore(state, initial, last);
    return before ? `${before}_load(i)` : '0.0';
  };
  return {
    constants: {
      HIDDEN: hidden,
      DIRECTIONS: directions,
      GATES: gates,
      UNITS: hidden / width,
      MEMORY: remembers ? Math.max(hidden, 2) : 1,
      REVERSE: reverse === true,
      BATCH_FIRST: layout === 'batch first',
      MANY: 0x3fff_ffff,
    },
    // `final` is a word of WGSL's.
    views: { r: { width }, final: { identifier: 'last' } },
    wgsl: [
      valueWgsl[width],
      placesWgsl,
      `fn hidden_before(i: u32) -> f32 { return ${read(states, 'initial', 'last')}; }
fn memory_before(i: u32) -> f32 { return ${read(memory, 'initial_memory', 'final_memory')}; }
fn keep_hidden(i: u32, value: f32) { ${writesState(states) ? 'last_store(i, value);' : ''} }
fn keep_memory(i: u32, value: f32) { ${
        remembers && writesState(memory) ? 'final_memory_store(i, value);' : ''
      } }
fn emit(i: u32, value: f32) { ${sequence ? 'y_store(i, value);' : ''} }
fn length_of(row: u32) -> u32 { return ${
        lengths ? 'min(u32(max(lengths_load(row), 0)), params.tokens)' : 'params.tokens'
      }; }`,
    ],
  };
}
