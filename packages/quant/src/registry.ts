// The recipes here as steps of compositions, for the command and its tests; nothing that ships to a page imports this.
import { noWords, onlyWord, quantizerNamed, type Recipe, type RecipeMethod } from '@tilewright/compression';
import { awq, awqScales } from './awq.ts';
import { cast } from './cast.ts';
import type { AnyQuantizer } from './check-quantizer.ts';
import { clippedQuantizer, searchedQuantizer } from './clipped.ts';
import { gptq } from './gptq.ts';
import { hqq } from './hqq.ts';
import { int8Activations } from './int8-activations.ts';
import { rotateHeads, rotateResidual } from './rotate.ts';
import { rtn } from './rtn.ts';
import { smoothQuant } from './smooth-quant.ts';

const rounding = (
  name: string,
  summary: string,
  make: (quantizer: AnyQuantizer) => Recipe,
): RecipeMethod => ({
  verb: 'quant',
  name,
  summary,
  takes: 'FORMAT',
  make: (words, context) => make(quantizerNamed(`quant ${name}`, words, context)),
});

const isPercent = (word: string): boolean => /^\d+(\.\d+)?%$/.test(word);
const rotation = (name: string, summary: string, make: () => Recipe): RecipeMethod => ({
  verb: 'rotate',
  name,
  summary,
  takes: '',
  make: (words) => {
    noWords(`rotate ${name}`, words);
    return make();
  },
});

export const quantMethods: readonly RecipeMethod[] = [
  rounding('rtn', 'each weight to the nearest code', rtn),
  rounding('search', 'the same, with grids of least squared error', (quantizer) =>
    rtn(searchedQuantizer(quantizer)),
  ),
  {
    verb: 'quant',
    name: 'percentile',
    summary: 'the same, with grids for so many of the magnitudes: what is larger is cut off',
    takes: 'FORMAT PERCENT (99%)',
    make: (words, context) => {
      const [parts, others] = [words.filter(isPercent), words.filter((word) => !isPercent(word))];
      const percentile = Number.parseFloat(onlyWord('quant percentile', parts, 'percentage')) / 100;
      return rtn(
        clippedQuantizer(quantizerNamed('quant percentile', others, context), {
          percentile,
        }),
      );
    },
  },
  rounding('hqq', 'grids that outliers do not spoil', (quantizer) => hqq(searchedQuantizer(quantizer))),
  rounding('gptq', 'columns still to come make up for each error; calibrates', (quantizer) =>
    gptq(searchedQuantizer(quantizer)),
  ),
  rounding('act-order', 'gptq, single columns, the most active first; calibrates', (quantizer) =>
    gptq(searchedQuantizer(quantizer), { order: 'columns' }),
  ),
  rounding('sequential', 'gptq, which sees what the weights before it became; calibrates', (quantizer) =>
    gptq(searchedQuantizer(quantizer), { sequential: true }),
  ),
  rounding('awq', 'columns of active inputs are scaled up, grids clipped; calibrates', awq),
  rotation(
    'residual',
    'a Hadamard matrix turns what goes from block to block; the model computes the same',
    rotateResidual,
  ),
  rotation('heads', 'the same within the values of each head', rotateHeads),
  {
    verb: 'cast',
    name: 'floats',
    summary: 'floats of another size',
    takes: 'f16 or f32',
    make: (words) => cast(onlyWord('cast', words, 'dtype') as 'f16'),
  },
  {
    verb: 'activations',
    name: 'int8',
    summary:
      'products round what they multiply integer weights by to int8, a step for each token: W8A8, W4A8',
    takes: '',
    make: (words) => {
      noWords('activations int8', words);
      return int8Activations();
    },
  },
  {
    verb: 'scale',
    name: 'smoothquant',
    summary: 'sizes of input columns move into weights; calibrates',
    takes: '',
    make: (words) => {
      noWords('scale smoothquant', words);
      return smoothQuant();
    },
  },
  {
    verb: 'scale',
    name: 'awq',
    summary: 'the scales of AWQ for a format that a later step rounds to; calibrates',
    takes: 'FORMAT',
    make: (words, context) => awqScales(quantizerNamed('scale awq', words, context)),
  },
];
