import type { ModelSource } from '@tilewright/formats';
import { openModelFolderAt } from '@tilewright/formats/node';
import { weightFamilies } from '@tilewright/kernels/weights/registry';
import type {
  BuildOptions,
  EmbeddingTasks,
  LanguageTasks,
  OpenedModel,
  TextTokenizer,
} from '@tilewright/models';
import { embeddingArchitectures, openModel } from '@tilewright/models/all';
import type { Terminal } from '../terminal.ts';

/** A model folder with its graph and weights. */
export interface OpenedFolder extends OpenedModel<LanguageTasks> {
  readonly folder: ModelSource;
}

/** How attention caches hold keys and values. */
export type CacheName = 'f32' | 'f16' | 'int8' | 'int4';

/** The same as `openModel` takes it: integers are a format of caches, floats a dtype. */
async function cacheOptions(cache: CacheName): Promise<Pick<BuildOptions, 'cache' | 'cacheFormat'>> {
  if (cache === 'f32' || cache === 'f16') return { cache };
  const { integers } = await import('@tilewright/graph/caches/integers');
  return { cacheFormat: integers({ bits: cache === 'int8' ? 8 : 4 }) };
}

export interface FolderOptions {
  /** Positions the cache has room for; at most, and by default, what the model was made for (but not above 2,048). */
  readonly context?: number | undefined;
  /** Most tokens read at once. */
  readonly maxTokens?: number | undefined;
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
  /** What would be a warning is an error. */
  readonly strict?: boolean | undefined;
  /** Products of integer weights round what they multiply them by to int8. */
  readonly activations?: 'int8' | undefined;
  /** How attention caches hold keys and values; default f32. */
  readonly cache?: CacheName | undefined;
}

const defaultMaxTokens = 128;

/**
 * Opens, reads and prepares a model that writes; warnings go to the error stream. The files are closed again. Throws what is
 * wrong.
 */
export async function openFolder(
  { error }: Pick<Terminal, 'error'>,
  path: string,
  options: FolderOptions = {},
): Promise<OpenedFolder> {
  const folder = await openModelFolderAt(path);
  const { context, maxTokens = defaultMaxTokens, onProgress, strict = false, activations, cache } = options;
  const opened = await openModel(folder, {
    formats: weightFamilies,
    ...(context !== undefined && { capacity: context }),
    maxTokens,
    strict,
    ...(cache !== undefined && (await cacheOptions(cache))),
    onWarning: (warning) => error(`warning: ${warning}\n`),
    ...(onProgress && { onProgress }),
  });
  if (activations === undefined) return { ...opened, folder };
  const { withInt8Activations } = await import('@tilewright/quant');
  return { ...opened, folder, weights: withInt8Activations(opened.model, opened.weights) };
}

/** Whether a folder holds a model that makes vectors of texts. */
export async function isEncoderFolder(path: string): Promise<boolean> {
  const { config } = await openModelFolderAt(path);
  return embeddingArchitectures.some((architecture) => architecture.claims(config));
}

/** The same of a model that makes vectors of texts. */
export async function openEncoderFolder(
  { error }: Pick<Terminal, 'error'>,
  path: string,
  { strict = false, ...options }: Omit<FolderOptions, 'context' | 'activations' | 'cache'>,
): Promise<OpenedModel<EmbeddingTasks>> {
  const folder = await openModelFolderAt(path);
  return openModel(folder, {
    architectures: embeddingArchitectures,
    formats: weightFamilies,
    strict,
    onWarning: (warning) => error(`warning: ${warning}\n`),
    ...(options.maxTokens !== undefined && { maxTokens: options.maxTokens }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
}

/** The tokenizer, or undefined where the folder has none. */
export async function tokenizerOf({ folder, text }: OpenedFolder): Promise<TextTokenizer | undefined> {
  return (await folder.tokenizerFiles()) === null ? undefined : text.tokenizer();
}
