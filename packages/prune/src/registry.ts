// The recipes here as steps of compositions, for the command and its tests; nothing that ships to a page imports this.
import { onlyWord, type Recipe, type RecipeMethod } from '@tilewright/compression';
import { TilewrightError } from '@tilewright/kernels';
import { magnitude } from './magnitude.ts';
import { permuteChannels } from './permute-channels.ts';
import type { Pattern, PruneConfig } from './pattern.ts';
import { sparseBlocks } from './sparse-blocks.ts';
import { sparseGpt } from './sparse-gpt.ts';
import { wanda } from './wanda.ts';

const pruning = (name: string, summary: string, make: (config: PruneConfig) => Recipe): RecipeMethod => ({
  verb: 'prune',
  name,
  summary,
  takes: 'PATTERN (2:4, 50%, 16x16-50%)',
  make: (words) => make({ pattern: readPattern(onlyWord(`prune ${name}`, words, 'pattern')) }),
});

export const pruneMethods: readonly RecipeMethod[] = [
  {
    verb: 'permute',
    name: 'channels',
    summary: 'neurons change places so that N:M keeps more; the model computes the same; calibrates',
    takes: 'N:M (2:4)',
    make: (words) => {
      const pattern = readPattern(onlyWord('permute channels', words, 'pattern'));
      if ('n' in pattern) return permuteChannels(pattern);
      throw new TilewrightError('bad-argument', {
        subject: 'recipe',
        problem: `'permute channels' has ${words[0]}`,
        requirement: 'channels are put into groups of which some are kept, such as 2:4',
        fix: 'leave this step out',
      });
    },
  },
  pruning('magnitude', 'the smallest weights go', magnitude),
  pruning('wanda', 'the least used weights go; calibrates', wanda),
  pruning('sparsegpt', 'what costs least goes, and the rest makes up for it; calibrates', sparseGpt),
  {
    verb: 'store',
    name: 'blocks',
    summary: 'without the blocks that hold zeros alone; 1x1 is CSR',
    takes: 'HEIGHTxWIDTH (16x16), perhaps f16, int8 or int4',
    make: (words) => {
      const sides = words.filter((word) => /^\d+x\d+$/.test(word));
      const [dtype, ...others] = words.filter((word) => !sides.includes(word));
      if (others.length > 0) onlyWord('store blocks', [dtype!, ...others], 'type of values');
      const [height, width] = onlyWord('store blocks', sides, 'size of blocks').split('x').map(Number);
      return sparseBlocks({
        height: height!,
        width: width!,
        ...(dtype !== undefined && { dtype: dtype as 'f32' }),
      });
    },
  },
];

function readPattern(word: string): Pattern {
  const kept = /^(\d+):(\d+)$/.exec(word);
  if (kept) return { n: Number(kept[1]), m: Number(kept[2]) };
  const part = /^(?:(\d+)x(\d+)-)?(\d+(?:\.\d+)?)%$/.exec(word);
  if (part) {
    const [, rows, columns, percent] = part;
    const block = rows === undefined ? undefined : ([Number(rows), Number(columns)] as const);
    return { sparsity: Number(percent) / 100, ...(block && { block }) };
  }
  throw new TilewrightError('bad-argument', {
    subject: 'recipe',
    problem: `the pattern is '${word}'`,
    requirement:
      'it is what is kept of each group, such as 2:4, or the part that goes, such as 50%, in blocks, such as 16x16-50%',
    fix: 'write one of these',
  });
}
