// Packed sequences: of any length, one after the other in one batch row, each with a state of its own.
import type { OptionTest, Problem, TensorContract } from '../../contract/contract.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, type Extent, plus, times } from '../../contract/extent.ts';
import batchChunksWgsl from './batch.chunks.wgsl';
import batchWgsl from './batch.wgsl';
import packedChunksWgsl from './packed.chunks.wgsl';
import packedWgsl from './packed.wgsl';

type Packable = Pick<Problem, 'options'>;

const isPacked = ({ options }: Packable): boolean => options.packed === true;

/** When sequences are packed. */
export const whenPacked: OptionTest = ['packed', true];

/** Axes of packed sequences: how many, and one more. */
export const sequenceAxes = {
  sequences: 'dynamic',
  bounds: 'dynamic',
} as const;
export const sequenceAxesWhen: Readonly<Record<keyof typeof sequenceAxes, OptionTest>> = {
  sequences: whenPacked,
  bounds: whenPacked,
};

/** Where each sequence begins among the tokens, and at last how many tokens there are. */
export const startsTensor: TensorContract = {
  shape: ['bounds'],
  dtype: 'u32',
  when: whenPacked,
};

/** Of packed sequences, states lead with how many these are. */
export const stateAxes: NonNullable<TensorContract['axesAs']> = ['packed', true, { batch: 'sequences' }];

/** How many states there are. */
export const stateCount = (problem: Packable): Extent => (isPacked(problem) ? 'sequences' : 'batch');

/** What every dispatch that looks for sequences binds. */
export const startsBinding = (problem: Packable): readonly string[] => (isPacked(problem) ? ['starts'] : []);

/** How many slots of chunks there are. */
export const chunkSlots = (problem: Packable, chunk: number): Extent =>
  isPacked(problem)
    ? plus(times('batch', ceilDiv('tokens', chunk)), 'sequences')
    : times('batch', ceilDiv('tokens', chunk));

/** `Sequence`, `sequence_count`, `sequence_of` and `sequence_holding`. */
export const sequencesWgsl = (problem: Packable): string => (isPacked(problem) ? packedWgsl : batchWgsl);

/** `ChunkPlace`, `chunks_of`, `chunk_slot` and `chunk_place`, of chunks of the constant `CHUNK`. */
export const chunkSlotsWgsl = (problem: Packable): string =>
  isPacked(problem) ? packedChunksWgsl : batchChunksWgsl;

/** Throws `bad-shape` for packed sequences in several batch rows, and for bounds that are not one more than sequences. */
export function checkPacked(subject: string, { axes, options }: Pick<Problem, 'axes' | 'options'>): void {
  if (!isPacked({ options })) return;
  const { batch, sequences, bounds } = axes;
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', {
      subject,
      problem,
      requirement,
      fix,
    });
  };
  if (batch !== 1)
    refuse(`batch is ${batch} with packed sequences`, 'they lie in one row', 'give tokens [1, tokens, …]');
  if (bounds !== sequences! + 1)
    refuse(
      `bounds is ${bounds} with ${sequences} sequences`,
      'starts has one number more than there are sequences',
      'end it with the number of tokens',
    );
}
