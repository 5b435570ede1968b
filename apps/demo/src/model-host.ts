// One model on one device: fetched once, its variants made and kept as they are asked for.
import { openModelFolder, urlFiles } from '@tilewright/formats';
import type { StateDict } from '@tilewright/kernels';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import {
  generateTokens,
  type LanguageGraph,
  type LanguageModel,
  type LanguageTasks,
  llama,
  loadLanguageModel,
  type ModelText,
  openModel,
  type OpenedModel,
  type TextTokenizer,
} from '@tilewright/models';
import { type Device, openDevice } from '@tilewright/runtime';
import type { VariantName } from './variants.ts';

/** Told what is going on; `part` from 0 to 1 where it is known. */
export type OnProgress = (what: string, part?: number) => void;

export interface HostOptions {
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/** A variant on the device. */
export interface LoadedVariant {
  readonly name: VariantName;
  readonly model: LanguageModel;
  /** Of all weights as they lie on the device. */
  readonly weightBytes: number;
  /** Of the linear layers alone, which is what compression works on. */
  readonly bitsPerWeight: number;
}

export interface ModelHost {
  readonly device: Device;
  readonly text: ModelText;
  readonly tokenizer: TextTokenizer;
  /** Puts a variant on the device in place of the one before. */
  use(variant: VariantName, options: HostOptions): Promise<LoadedVariant>;
  dispose(): void;
}

/** Passages that the model writes to calibrate itself on: their number, and their tokens. */
const passages = { count: 8, tokens: 64 };

/** Opens a device and fetches the model at `address`. Throws what `openDevice` and `openModelFolder` throw. */
export async function openModelHost(address: URL, options: HostOptions): Promise<ModelHost> {
  const { onProgress, signal } = options;
  onProgress('Looking for a graphics adapter');
  const device = await openDevice();
  try {
    onProgress('Fetching the model');
    const opened = await openModel(await openModelFolder(urlFiles(address, { signal })), {
      architectures: [llama],
      onProgress: (read, total) => onProgress('Fetching the model', read / total),
    });
    return hostOf(device, opened, await opened.text.tokenizer());
  } catch (error) {
    device.dispose();
    throw error;
  }
}

/** Weights are stored in 16 bits, which loses nothing when they are widened. */
const inFullPrecision = (state: StateDict): StateDict =>
  new Map([...state].map(([name, tensor]) => [name, packDense(unpackDense(tensor), tensor.shape, 'f32')]));

function hostOf(
  device: Device,
  { model: graph, weights, text }: OpenedModel<LanguageTasks>,
  tokenizer: TextTokenizer,
): ModelHost {
  const dense = inFullPrecision(weights);
  const made = new Map<VariantName, StateDict>([['dense-f32', dense]]);
  let written: (readonly number[])[] | undefined;
  let current: LoadedVariant | undefined;

  const load = async (name: VariantName, { onProgress }: HostOptions): Promise<LoadedVariant> => {
    if (current?.name === name) return current;
    onProgress('Compiling the kernels');
    const weights = made.get(name)!;
    current?.model.dispose();
    current = undefined;
    const model = await loadLanguageModel(device, { model: graph, weights, text });
    current = { name, model, ...sizesOf(graph, weights) };
    return current;
  };
  const windows = async (options: HostOptions): Promise<(readonly number[])[]> => {
    if (written) return written;
    const { model } = await load('dense-f32', options);
    const found: (readonly number[])[] = [];
    for (let seed = 0; seed < passages.count; seed++)
      found.push(
        await writePassage(model, text, seed, options.signal, (part) =>
          options.onProgress('Writing passages to calibrate on', (seed + part) / passages.count),
        ),
      );
    return (written = found);
  };
  return {
    device,
    text,
    tokenizer,
    async use(name, options) {
      if (name !== 'dense-f32' && !made.has(name)) {
        options.onProgress('Fetching the compressor');
        const { compressTo } = await import('./compression.ts');
        const onProgress = (done: number, total: number): void =>
          options.onProgress('Compressing the weights', done / total);
        const { signal } = options;
        made.set(
          name,
          await compressTo(name, {
            device,
            graph,
            weights: dense,
            windows: () => windows(options),
            onProgress,
            signal,
          }),
        );
      }
      return await load(name, options);
    },
    dispose: () => device.dispose(),
  };
}

async function writePassage(
  model: LanguageModel,
  text: ModelText,
  seed: number,
  signal: AbortSignal,
  onPart: (part: number) => void,
): Promise<number[]> {
  const tokens = [text.startTokens[0] ?? 0];
  const maxTokens = Math.min(passages.tokens, model.capacity) - 1;
  for await (const token of generateTokens(model, [...tokens], { temperature: 1, seed, maxTokens, signal })) {
    tokens.push(token);
    onPart(tokens.length / maxTokens);
  }
  return tokens;
}

function sizesOf(
  graph: LanguageGraph,
  weights: StateDict,
): Pick<LoadedVariant, 'weightBytes' | 'bitsPerWeight'> {
  const bytesOf = (name: string): number => weights.get(name)!.bytes.byteLength;
  const linearBytes = graph.linearWeights.reduce((sum, name) => sum + bytesOf(name), 0);
  const linearWeights = graph.linearWeights.reduce(
    (sum, name) => sum + weights.get(name)!.shape.reduce((product, size) => product * size, 1),
    0,
  );
  return {
    weightBytes: [...weights.keys()].reduce((sum, name) => sum + bytesOf(name), 0),
    bitsPerWeight: (8 * linearBytes) / linearWeights,
  };
}
