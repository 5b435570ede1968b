// Compositions as people write them, over all registered recipes and formats.
import { needsStatistics } from '@tilewright/compression';
import { messageOf } from '@tilewright/tooling/message-of';
import { describe, expect, test } from 'vitest';
import { listRecipes } from '../commands/list-recipes.ts';
import { timeLeft } from '../terminal.ts';
import { editMethods } from './edits.ts';
import {
  budgetFormats,
  composedVariant,
  formatNames,
  recipeMethods,
  wantedRecipe,
  wantedVariant,
} from './recipes.ts';

const example = {
  FORMAT: 'int4-g32',
  'PATTERN (2:4, 50%, 16x16-50%)': '16x4-50%',
  'N:M (2:4)': '2:4',
  'f16 or f32': 'f16',
  'FORMAT PERCENT (99%)': 'int4-g32 99%',
  'HEIGHTxWIDTH (16x16), perhaps f16, int8 or int4': '16x16 int8',
  '': '',
};

test.each(recipeMethods.map((method) => [`${method.verb} ${method.name}`, method] as const))(
  '%s is a recipe, listed with what it takes',
  (_, { verb, name, takes, summary }) => {
    const words = `${verb} ${example[takes as keyof typeof example]} ${name}`.replace('  ', ' ');
    const { recipe, tables } = composedVariant(words);
    expect(tables).toBe('f16');
    const made = recipe({} as never);
    expect(made.name).toBe(words);
    expect(needsStatistics(made)).toBe(summary.includes('calibrates') || name === 'awq');
    expect(listRecipes()).toContain(summary);
  },
);

test('steps run in order, words of a step stand in any', () => {
  const recipe = composedVariant(' prune 2:4  sparsegpt,quant gptq int4-g32').recipe({} as never);
  expect(recipe.name).toBe('prune 2:4 sparsegpt,quant gptq int4-g32');
  expect(recipe.stages).toHaveLength(2);
  expect(composedVariant('cast f16').recipe({} as never).stages).toHaveLength(1);
  expect(composedVariant('prune 50% magnitude').recipe({} as never).stages[0]!.statistics).toEqual([]);
});

test('a budget chooses among the formats of the last step', () => {
  const { budget, variant } = wantedVariant({
    recipe: 'prune 2:4 sparsegpt, quant int4-g32/int8-g32 gptq',
    target: { bits: 4 },
  });
  expect(budget!.candidates.map(({ name }) => name)).toEqual(['quant int4-g32 gptq', 'quant int8-g32 gptq']);
  expect(budget!.first!.name).toBe('prune 2:4 sparsegpt');
  expect(variant.name).toBe('prune 2:4 sparsegpt, quant int4-g32/int8-g32 gptq');
  expect(wantedVariant({ target: { bits: 4 } }).budget!.candidates).toHaveLength(budgetFormats.length);
  for (const name of budgetFormats) expect(formatNames).toContain(name);
});

describe('refusals say what may stand there', () => {
  const of = (recipe: string) => (): unknown => composedVariant(recipe);
  test.each<[() => unknown, string]>([
    [
      of(''),
      "[recipe] '' begins a step; a step begins with permute, prune, store, quant, rotate, cast, activations, scale. Fix: choose one of them.",
    ],
    [
      of('quand int4-g32 gptq'),
      "[recipe] 'quand' begins a step; a step begins with permute, prune, store, quant, rotate, cast, activations, scale. Fix: write 'quant'.",
    ],
    [
      of('prune 2:4 sparsgpt'),
      "[recipe] 'prune 2:4 sparsgpt' has no method; 'prune' takes one of magnitude, wanda, sparsegpt. Fix: write 'sparsegpt'.",
    ],
    [
      of('prune 2:4 wanda magnitude'),
      "[recipe] 'prune' has the methods magnitude and wanda; 'prune' takes one of magnitude, wanda, sparsegpt. Fix: write 'magnitude'.",
    ],
    [
      of('prune 2of4 wanda'),
      "[recipe] the pattern is '2of4'; it is what is kept of each group, such as 2:4, or the part that goes, such as 50%, in blocks, such as 16x16-50%. Fix: write one of these.",
    ],
    [of('prune wanda'), "[recipe] 'prune wanda' has no pattern; it takes one pattern. Fix: add the pattern."],
    [
      of('prune 2:4 1:2 wanda'),
      "[recipe] 'prune wanda' has 2:4 and 1:2; it takes one pattern. Fix: leave the others out.",
    ],
    [of('scale smoothquant 2'), "[recipe] 'scale smoothquant' has 2; it takes nothing. Fix: leave that out."],
    [
      of('prune 5:4 wanda'),
      '[wanda] pattern.n is 5; it is a whole number from 1 to 3, less than m. Fix: give one of these, or leave it out.',
    ],
    [of('cast f17'), "[cast] dtype is 'f17'; it is 'f32' or 'f16'. Fix: give one of these, or leave it out."],
    [
      () => wantedVariant({}),
      '[compress] there is no --variant, --recipe or --target; how to compress is said once. Fix: give one: tilewright compress --help lists them.',
    ],
    [
      () => wantedVariant({ variant: 'int4-rtn', target: { bits: 3 } }),
      '[compress] there are --variant and another way; how to compress is said once. Fix: leave one out.',
    ],
    [
      () => wantedVariant({ recipe: 'quant int4-g32 gptq', target: { bits: 3 } }),
      "[compress] 'quant int4-g32 gptq' leaves --target nothing to choose; how to compress is said once. " +
        "Fix: name formats with / between them: --recipe 'quant int3-g32/int4-g32/int8-g32 gptq'.",
    ],
  ])('%#', (act, message) => {
    expect(messageOf(act)).toBe(message);
  });

  test('an unknown format lists those there are', () => {
    expect(messageOf(of('quant int44-g32 gptq'))).toBe(
      `[recipe] there is no format 'int44-g32' to round to; known are ${formatNames.join(
        ', ',
      )}. Fix: write 'int4-g32'.`,
    );
  });
});

test('the time that is left is told once there is something to go by', () => {
  expect([timeLeft(1000, 1, 10), timeLeft(9000, 0, 10), timeLeft(9000, 10, 10)]).toEqual(['', '', '']);
  expect(timeLeft(9000, 3, 10)).toBe(', 21 s left');
  expect(timeLeft(60_000, 1, 11)).toBe(', 10 min left');
});

describe('edits', () => {
  test.each([
    ['drop heads 1', 'drop heads'],
    ['drop 25% neurons', 'drop neurons'],
    ['drop layers 2', 'drop layers'],
    ['untie head', 'untie'],
    ['untie', 'untie'],
  ])('%s stands first, and is listed', (words, name) => {
    const { edits, variant } = wantedRecipe(`${words},  quant int4-g32 rtn`);
    expect(edits!.map((edit) => edit.name)).toEqual([name]);
    expect(variant.name).toBe(`${words}, quant int4-g32 rtn`);
    expect(variant.recipe({} as never).name).toBe('quant int4-g32 rtn');
    expect(wantedRecipe(words).variant.recipe({} as never).name).toBe('cast f16');
    const { edits: same, budget } = wantedVariant({
      recipe: `${words}, quant int3-g32/int4-g32 rtn`,
      target: { bits: 4 },
    });
    expect(same).toHaveLength(1);
    expect(budget!.candidates).toHaveLength(2);
  });

  test('all are listed with what they take', () => {
    for (const { summary } of editMethods) expect(listRecipes()).toContain(summary);
  });

  test.each([
    [
      'prune 2:4 wanda, drop heads 1',
      "[recipe] 'drop heads 1' stands behind 'prune 2:4 wanda'; what changes the shape of a model stands first. Fix: put it first.",
    ],
    [
      'drop tokens 3',
      "[recipe] 'drop tokens 3' names nothing that can go; 'drop' takes one of heads, neurons, layers. Fix: choose one of them.",
    ],
    ['drop heads', "[recipe] 'drop heads' has no number; it takes one number. Fix: add the number."],
    ['untie head 3', "[recipe] 'untie head' has 3; it takes nothing. Fix: leave that out."],
  ])('%s', (words, message) => {
    expect(messageOf(() => wantedRecipe(words))).toBe(message);
  });

  test.each(['drop heads none', 'drop layers 0', 'drop neurons 25', 'drop neurons 100%'])('%s', (words) => {
    expect(messageOf(() => wantedRecipe(words))).toMatch(/^\[drop(Heads|Layers|Neurons)\] (count|part) is/);
  });
});
