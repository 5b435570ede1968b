// The recipes here as steps of compositions, for the command and its tests; nothing that ships to a page imports this.
import { onlyWord, type Recipe, type RecipeMethod } from '@tilewright/compression';
import { TilewrightError } from '@tilewright/kernels';
import { magnitude } from './magnitude.ts';
import type { Pattern, PruneConfig } from './pattern.ts';
import { sparseGpt } from './sparse-gpt.ts';
import { wanda } from './wanda.ts';

const pruning = (name: string, summary: string, make: (config: PruneConfig) => Recipe): RecipeMethod => ({
  verb: 'prune',
  name,
  summary,
  takes: 'PATTERN (2:4, 50%)',
  make: (words) => make({ pattern: readPattern(onlyWord(`prune ${name}`, words, 'pattern')) }),
});

export const pruneMethods: readonly RecipeMethod[] = [
  pruning('magnitude', 'the smallest weights go', magnitude),
  pruning('wanda', 'the least used weights go; calibrates', wanda),
  pruning('sparsegpt', 'what costs least goes, and the rest makes up for it; calibrates', sparseGpt),
];

function readPattern(word: string): Pattern {
  const kept = /^(\d+):(\d+)$/.exec(word);
  if (kept) return { n: Number(kept[1]), m: Number(kept[2]) };
  const part = /^(\d+(?:\.\d+)?)%$/.exec(word);
  if (part) return { sparsity: Number(part[1]) / 100 };
  throw new TilewrightError('bad-argument', {
    subject: 'recipe',
    problem: `the pattern is '${word}'`,
    requirement: 'it is what is kept of each group, such as 2:4, or the part that goes, such as 50%',
    fix: 'write one of these',
  });
}
