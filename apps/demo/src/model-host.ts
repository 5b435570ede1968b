// One model on one device: fetched once, its variants made and kept as they are asked for.
import { openModelFolder, urlFiles } from '@tilewright/formats';
import type { StateDict } from '@tilewright/kernels';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import {
  type Architecture,
  type Claim,
  deferArchitecture,
  type DeferredArchitecture,
  dynamicScaling,
  gatedDeltaNetClaim,
  generateTokens,
  type LanguageModel,
  type LanguageTasks,
  llama,
  loadLanguageModel,
  mamba2Claim,
  mambaClaim,
  mistralClaim,
  type ModelText,
  openModel,
  type OpenedModel,
  qwen2Claim,
  qwen3Claim,
  qwen3NextClaim,
  type TextTokenizer,
  yarnScaling,
} from '@tilewright/models';
import { type Device, openDevice } from '@tilewright/runtime';
import type * as architecturesScript from './architectures.ts';
import { denseVariant, type Variant } from '@tilewright/models/variants';

/** Told what is going on; `part` from 0 to 1 where it is known. */
export type OnProgress = (what: string, part?: number) => void;

export interface HostOptions {
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

/** A variant on the device. */
export interface LoadedVariant {
  readonly name: string;
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
  use(variant: Variant, options: HostOptions): Promise<LoadedVariant>;
  dispose(): void;
}

/** What the script of other architectures holds. */
type Architectures = typeof architecturesScript;

const fetched = (
  claim: Claim,
  choose: (script: Architectures) => Architecture<LanguageTasks>,
): DeferredArchitecture<LanguageTasks> =>
  deferArchitecture(claim, async () => choose(await import('./architectures.ts')));

const architectures = [
  llama,
  fetched(mistralClaim, ({ mistral }) => mistral),
  fetched(qwen2Claim, ({ qwen2 }) => qwen2),
  fetched(qwen3Claim, ({ qwen3 }) => qwen3),
  fetched(qwen3NextClaim, ({ qwen3Next }) => qwen3Next),
  fetched(mambaClaim, ({ mamba }) => mamba),
  fetched(mamba2Claim, ({ mamba2 }) => mamba2),
  fetched(gatedDeltaNetClaim, ({ gatedDeltaNet }) => gatedDeltaNet),
];

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
      architectures,
      // The element opens whatever folder a page names.
      ropeScalings: [dynamicScaling, yarnScaling],
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
  const made = new Map<string, { readonly weights: StateDict; readonly bitsPerWeight: number }>([
    [denseVariant.name, { weights: dense, bitsPerWeight: 32 }],
  ]);
  let written: (readonly number[])[] | undefined;
  let current: LoadedVariant | undefined;

  const load = async (name: string, { onProgress }: HostOptions): Promise<LoadedVariant> => {
    if (current?.name === name) return current;
    onProgress('Compiling the kernels');
    const { weights, bitsPerWeight } = made.get(name)!;
    current?.model.dispose();
    current = undefined;
    const model = await loadLanguageModel(device, { model: graph, weights, text });
    current = {
      name,
      model,
      weightBytes: model.weightBytes,
      bitsPerWeight,
    };
    return current;
  };
  const windows = async (options: HostOptions): Promise<(readonly number[])[]> => {
    if (written) return written;
    const { model } = await load(denseVariant.name, options);
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
    async use(variant, options) {
      if (!made.has(variant.name)) {
        options.onProgress('Fetching the compressor');
        const { makeVariant } = await import('./compression.ts');
        const { weights, report } = await makeVariant(device, graph, dense, variant, {
          windows: () => windows(options),
          onProgress: ({ done, total }) => options.onProgress('Compressing the weights', done / total),
          signal: options.signal,
        });
        made.set(variant.name, { weights, bitsPerWeight: report.bitsPerWeight });
      }
      return await load(variant.name, options);
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
