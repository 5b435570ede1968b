// What functions say of arguments that are no such thing; no device is needed.
import { isTilewrightError } from '@tilewright/kernels';
import { denseCodec, packDense } from '@tilewright/kernels/weights/dense';
import { expect, test } from 'vitest';
import {
  compose,
  compressState,
  compressWeight,
  floatMatrix,
  foldGains,
  gramStatistic,
  linearWeightsOf,
  measureWeight,
  needsStatistics,
  perWeight,
  relativeOutputError,
  scaleColumns,
  summarize,
  valueOf,
  withTaps,
} from './index.ts';

const recipe = perWeight('same', [], ({ tensor }) => tensor);
const tensor = packDense(Float32Array.of(1, 2), [1, 2], 'f32');
const codecs = [denseCodec];
const device = { sequence: () => {} } as never;
const model = { graph: { nodes: [], values: {} }, blocks: [] } as never;

const junk = [undefined, null, 3, 'text', {}, [], Promise.resolve(recipe)] as never[];
test.each<[string, (value: never) => unknown, string]>([
  ['compose', (value) => compose(recipe, value), '[compose] second is VALUE; it must be a recipe'],
  [
    'needsStatistics',
    (value) => needsStatistics(value),
    '[needsStatistics] recipe is VALUE; it must be a recipe',
  ],
  [
    'compressState',
    (value) => compressState(value, model, new Map(), recipe, { codecs }),
    '[compressState] device is VALUE; it must be what openDevice gives',
  ],
  [
    'compressState',
    (value) => compressState(device, value, new Map(), recipe, { codecs }),
    '[compressState] model is VALUE; it must be a model with its graph and its blocks',
  ],
  [
    'compressState',
    (value) => compressState(device, model, value, recipe, { codecs }),
    '[compressState] weights is VALUE; it must be a Map of weights by name',
  ],
  [
    'compressState',
    (value) => compressState(device, model, new Map(), value, { codecs }),
    '[compressState] recipe is VALUE; it must be a recipe',
  ],
  [
    'compressWeight',
    (value) => compressWeight(recipe, value),
    '[compressWeight] input is VALUE; it must be a weight',
  ],
  ['floatMatrix', (value) => floatMatrix('me', value), '[me] input is VALUE; it must be a weight'],
  ['foldGains', (value) => foldGains(value, new Map()), '[foldGains] graph is VALUE; it must be a graph'],
  [
    'linearWeightsOf',
    (value) => linearWeightsOf(value),
    '[linearWeightsOf] model is VALUE; it must be a model with its graph and its blocks',
  ],
  [
    'measureWeight',
    (value) => measureWeight('w', value, tensor, undefined, codecs),
    '[measureWeight] weight is VALUE; it must be a tensor of the host',
  ],
  [
    'perWeight',
    (value) => perWeight('mine', [], value),
    '[perWeight] compress is VALUE; it must be a function',
  ],
  [
    'scaleColumns',
    (value) => scaleColumns(value, [1]),
    '[scaleColumns] tensor is VALUE; it must be a tensor of the host',
  ],
  ['summarize', (value) => summarize(value, []), '[summarize] recipe is VALUE; it must be a recipe'],
  ['valueOf', (value) => valueOf(undefined, value), '[valueOf] statistic is VALUE; it must be a statistic'],
  ['withTaps', (value) => withTaps(value, [], new Map()), '[withTaps] graph is VALUE; it must be a graph'],
])('%s of what is no such thing: %#', async (_, work, message) => {
  for (const value of junk) {
    const said = await refusal(() => work(value));
    for (const part of message.split('VALUE')) expect(said).toContain(part);
    if (value === junk.at(-1)) expect(said).toContain('is a promise');
  }
});

test.each<[string, () => unknown, string]>([
  [
    'an option that nobody reads',
    () => compressState(device, model, new Map(), recipe, { codecs, feed: [] } as never),
    "bad-argument: [compressState] there is no option 'feed'; known are codecs, select, feeds, onProgress, checkpoints, signal. Fix: write 'feeds'.",
  ],
  [
    'as many factors as there are columns',
    () => scaleColumns(tensor, [1, 2, 3]),
    'bad-argument: [scaleColumns] factors is [1, 2, 3]; it must be a list of 2 numbers. Fix: give a list of 2 numbers.',
  ],
  [
    'weights of another size',
    () => relativeOutputError([1, 2], [1], { gram: new Float64Array(4), columns: 2, samples: 1 }),
    'bad-shape: [relativeOutputError] there are 2 and 1 weights; both have as many, rows of 2. Fix: give the same weight before and after.',
  ],
  [
    'statistics that are a list',
    () => valueOf([] as never, gramStatistic),
    'bad-argument: [valueOf] values is []; it must be a Map of statistics by id. Fix: give a Map of statistics by id.',
  ],
])('%s', async (_, work, message) => {
  expect(await refusal(work)).toBe(message);
});

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was refused';
}
