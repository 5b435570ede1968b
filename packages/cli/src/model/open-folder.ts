import type { ModelSource } from '@tilewright/formats';
import { openModelFolderAt } from '@tilewright/formats/node';
import { weightFamilies } from '@tilewright/kernels/weights/registry';
import type { EmbeddingTasks, LanguageTasks, OpenedModel, TextTokenizer } from '@tilewright/models';
import { embeddingArchitectures, openModel } from '@tilewright/models/all';
import type { Terminal } from '../terminal.ts';

/** A model folder with its graph and weights. */
export interface OpenedFolder extends OpenedModel<LanguageTasks> {
  readonly folder: ModelSource;
}

export interface FolderOptions {
  /** Positions the cache has room for; at most, and by default, what the model was made for (but not above 2,048). */
  readonly context?: number | undefined;
  /** Most tokens read at once. */
  readonly maxTokens?: number | undefined;
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
  /** What would be a warning is an error. */
  readonly strict?: boolean | undefined;
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
  const { context, maxTokens = defaultMaxTokens, onProgress, strict = false } = options;
  const opened = await openModel(folder, {
    formats: weightFamilies,
    ...(context !== undefined && { capacity: context }),
    maxTokens,
    strict,
    onWarning: (warning) => error(`warning: ${warning}\n`),
    ...(onProgress && { onProgress }),
  });
  return { ...opened, folder };
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
  { strict = false, ...options }: Omit<FolderOptions, 'context'>,
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
