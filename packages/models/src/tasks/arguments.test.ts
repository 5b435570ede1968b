// What functions say of arguments that are no such thing; no device is needed.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { compressModel } from '../calibrate/compress.ts';
import { divergence } from './divergence.ts';
import { loadEmbeddingModel } from './embedding-model.ts';
import { withDefaults } from './generation-config.ts';
import { loadLanguageModel } from './language-model.ts';
import { windowsOf } from './windows.ts';
import { textStream } from './text-stream.ts';
import { openTokenizer } from './tokenizer.ts';

const device = { capabilities: {} } as never;
const encoder = { model: { graph: {}, tasks: { embed: {} } }, weights: new Map() } as never;
const writer = { model: { graph: {}, tasks: { decode: {} } }, weights: new Map() } as never;
const must = (subject: string, name: string, shown: string, what: string): string =>
  `bad-argument: [${subject}] ${name} is ${shown}; it must be ${what}. Fix: give ${what}.`;

test.each<[string, () => unknown, string]>([
  [
    'loadLanguageModel with a path',
    () => loadLanguageModel(device, 'models/tiny' as never),
    must('loadLanguageModel', 'model', "'models/tiny'", 'what openModel gives of a language model'),
  ],
  [
    'loadLanguageModel with an encoder',
    () => loadLanguageModel(device, encoder),
    must('loadLanguageModel', 'model', 'an object', 'what openModel gives of a language model'),
  ],
  [
    'loadLanguageModel without a device',
    () => loadLanguageModel(writer, undefined as never),
    must('loadLanguageModel', 'device', 'an object', 'what openDevice gives'),
  ],
  [
    'loadEmbeddingModel with a language model',
    () => loadEmbeddingModel(device, writer),
    must('loadEmbeddingModel', 'model', 'an object', 'what openModel gives of an encoder'),
  ],
  [
    'openTokenizer of nothing',
    () => openTokenizer(undefined as never),
    must('openTokenizer', 'source', 'undefined', 'what openModelFolder gives'),
  ],
  [
    'textStream of nothing',
    () => textStream(undefined as never, []),
    must('textStream', 'tokenizer', 'undefined', 'a tokenizer'),
  ],
  [
    'textStream with a text',
    () => textStream({ decode: () => '' }, 'ROMEO' as never),
    'bad-argument: [textStream] the tokens are a text; they must be a list of whole numbers. Fix: encode the text with the ' +
      'tokenizer of this model, or call writeText.',
  ],
  [
    'divergence of nothing',
    () => divergence(undefined as never, new Float32Array(2), 2),
    must('divergence', 'reference', 'undefined', 'a Float32Array of logits'),
  ],
  [
    'divergence of different positions',
    () => divergence(new Float32Array(4), new Float32Array(2), 2),
    'bad-shape: [divergence] there are 4 and 2 logits; both have as many, 2 for each position. Fix: score the same tokens with ' +
      'both models.',
  ],
  [
    'windowsOf a text',
    () => windowsOf('abc' as never, 1),
    'bad-argument: [windowsOf] the tokens are a text; they must be a list of whole numbers. Fix: encode the text with the ' +
      'tokenizer of this model, or call writeText.',
  ],
  [
    'windowsOf fewer than none',
    () => windowsOf([1, 2, 3], 1, -1),
    'bad-argument: [windowsOf] most is -1; it must be a whole number from 0 to 9007199254740991. Fix: give one.',
  ],
  [
    'withDefaults and a misspelt option',
    () => withDefaults({ said: new Map(), stopTokens: [] }, { temprature: 1 } as never),
    "bad-argument: [generate] there is no option 'temprature'; known are maxTokens, temperature, topK, topP, seed, stopTokens, " +
      "start, signal. Fix: write 'temperature'.",
  ],
  [
    'compressModel with options that nobody knows',
    () => compressModel(device, writer, new Map(), {} as never, { window: [] } as never),
    "bad-argument: [compressModel] there is no option 'window'; known are codecs, windows, onProgress, signal. Fix: write 'windows'.",
  ],
])('%s', async (_, work, message) => {
  let said = 'nothing was refused';
  try {
    await work();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    said = `${error.code}: ${error.message}`;
  }
  expect(said).toBe(message);
});
