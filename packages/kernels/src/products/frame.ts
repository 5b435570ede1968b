import type { AssembleInput, ScratchView } from '../contract/assemble.ts';
import type { Problem } from '../contract/contract.ts';
import { ceilDiv, type Extent, times } from '../contract/extent.ts';
import finishSplit from './finish.split.wgsl';
import finishWhole from './finish.whole.wgsl';

/** Rows of the product. */
export const rowCount: Extent = times('batch', 'm');

/** The size of a product, and how it is cut along K. */
export interface FrameInput {
  readonly problem: Problem;
  readonly columns: number;
  readonly parts: number;
  /** Whether something is gathered of each row of `a`. */
  readonly observes: boolean;
  readonly quadsPerBlock: number;
  /** Workgroups of `main`, before it is split along K. */
  readonly workgroups: Extent;
  /** Shares of K that different workgroups add up; 1 for no split. */
  readonly splits: number;
}

/** What every product has whose WGSL calls `finish`: sizes, and a second dispatch where K is split. */
export function productFrame(input: FrameInput): {
  readonly constants: Readonly<Record<string, number | boolean>>;
  readonly scratch: Readonly<Record<string, ScratchView>>;
  readonly wgsl: string;
  readonly dispatches: AssembleInput['dispatches'];
} {
  const { problem, columns, parts, observes, quadsPerBlock, splits } = input;
  const k = problem.axes.k!;
  const quads = Math.ceil(columns / 4);
  const kBlocks = Math.ceil(k / (4 * quadsPerBlock));
  const main = { entryPoint: 'main', workgroups: times(input.workgroups, splits) };
  return {
    constants: {
      N: columns,
      N_QUADS: quads,
      K: k,
      K_QUADS: Math.ceil(k / 4),
      K_BLOCKS: kBlocks,
      PARTS: parts,
      OBSERVE: observes,
      SPLITS: splits,
      SPLIT_BLOCKS: Math.ceil(kBlocks / splits),
    },
    scratch:
      splits === 1
        ? {}
        : {
            partial: {
              width: 4,
              sizeBytes: times(times(rowCount, splits), 16 * (parts * quads + Number(observes))),
            },
          },
    wgsl: splits === 1 ? finishWhole : finishSplit,
    dispatches:
      splits === 1
        ? [main]
        : [
            { ...main, bindings: ['a', 'b', 'partial'], slots: ['load_a', 'load_b', 'observe_a'] },
            {
              entryPoint: 'combine',
              workgroups: ceilDiv(times(rowCount, quads), 64),
              bindings: ['partial', 'y'],
              slots: slotsBehind(problem),
            },
          ],
  };
}

/** The slots of what comes after the sums. */
export const slotsBehind = ({ slots }: Problem): string[] =>
  Object.keys(slots).filter((slot) => !slot.startsWith('load_'));
