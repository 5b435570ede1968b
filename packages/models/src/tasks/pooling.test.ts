import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, test } from 'vitest';
import { tinyBertSource } from '../test/tiny-bert.ts';
import { readPooling } from './pooling.ts';

const module = (type: string, path: string): object => ({
  idx: 0,
  name: path,
  path,
  type: `sentence_transformers.models.${type}`,
});
const transformer = module('Transformer', '');
const pooling = module('Pooling', '1_Pooling');
const modules = (...list: readonly unknown[]): Record<string, string> => ({
  'modules.json': JSON.stringify(list),
});
const config = (fields: object): Record<string, string> => ({
  '1_Pooling/config.json': JSON.stringify(fields),
});
const read = async (files: Record<string, string>) => {
  const source = await tinyBertSource({ files });
  await source.close();
  return readPooling(source.json);
};

test('without a word of the makers it is the mean', async () => {
  expect(await read({})).toEqual({ pooling: 'mean', normalize: false });
  expect(await read(modules(transformer))).toEqual({ pooling: 'mean', normalize: false });
  expect(await read({ ...modules(transformer, pooling), ...config({}) })).toEqual({
    pooling: 'mean',
    normalize: false,
  });
});

test.each([
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
] as const)('%s', async (field, kind) => {
  const files = {
    ...modules(transformer, pooling, module('Normalize', '2_Normalize')),
    ...config({ pooling_mode_lasttoken: false, [field]: true, include_prompt: true }),
  };
  expect(await read(files)).toEqual({ pooling: kind, normalize: true });
});

describe('refused', () => {
  const given = 'choose a model with one of these, or pool what encode gives';
  test.each<[string, Record<string, string>, string]>([
    [
      'a module that is not known',
      modules(transformer, pooling, module('Dense', '2_Dense')),
      'bad-model: [modules.json] the modules are Transformer, Pooling in 1_Pooling, Dense in 2_Dense; known are a Transformer ' +
        'in the folder itself, then Pooling, then Normalize. Fix: choose a model without others, or pool what encode gives.',
    ],
    [
      'a path that leads elsewhere',
      modules(transformer, module('Pooling', '../1_Pooling')),
      'bad-model: [modules.json] an entry is not a module with a type and the name of a folder; the file lists the modules of ' +
        'a model, one after the other. Fix: get the file again.',
    ],
    [
      'two kinds at once',
      {
        ...modules(transformer, pooling),
        ...config({ pooling_mode_mean_tokens: true, pooling_mode_cls_token: true }),
      },
      'bad-model: [1_Pooling/config.json] the pooling is "pooling_mode_mean_tokens" and "pooling_mode_cls_token"; known is ' +
        `one of pooling_mode_mean_tokens, pooling_mode_cls_token, pooling_mode_max_tokens. Fix: ${given}.`,
    ],
    [
      'a kind that is not known',
      { ...modules(transformer, pooling), ...config({ pooling_mode_lasttoken: true }) },
      'bad-model: [1_Pooling/config.json] the pooling is "pooling_mode_lasttoken"; known is one of pooling_mode_mean_tokens, ' +
        `pooling_mode_cls_token, pooling_mode_max_tokens. Fix: ${given}.`,
    ],
    [
      'tokens that are left out',
      { ...modules(transformer, pooling), ...config({ include_prompt: false }) },
      'bad-model: [1_Pooling/config.json] include_prompt is false; all tokens of a text are pooled here. Fix: pool what encode ' +
        'gives, without the tokens of the prompt.',
    ],
    [
      'a file that is missing',
      modules(transformer, pooling),
      'bad-model: [1_Pooling/config.json] there is no such file; modules.json says that it holds the pooling. Fix: get all ' +
        'files of the model.',
    ],
  ])('%s', async (_, files, message) => {
    try {
      await read(files);
      expect.unreachable();
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      expect(`${error.code}: ${error.message}`).toBe(message);
    }
  });
});
