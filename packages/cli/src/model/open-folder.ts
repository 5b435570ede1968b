import { TilewrightError } from '@tilewright/kernels';
import type { ModelFolder } from '@tilewright/formats';
import { openModelFolderAt } from '@tilewright/formats/node';
import { type OpenedModel, openModel, openTokenizer, type TextTokenizer } from '@tilewright/models';

/** A model folder with its graph and weights. */
export interface OpenedFolder extends OpenedModel {
  readonly folder: ModelFolder;
}

export interface FolderOptions {
  /** Positions the cache has room for; at most, and by default, what the model was made for (but not above 2,048). */
  readonly context?: number | undefined;
  /** Most tokens read at once. */
  readonly maxTokens?: number | undefined;
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

const defaultContext = 2048;
const defaultMaxTokens = 128;

/** Opens, reads and prepares. The files are closed again. Throws what is wrong with the folder. */
export async function openFolder(path: string, options: FolderOptions = {}): Promise<OpenedFolder> {
  const folder = await openModelFolderAt(path);
  try {
    const most = folder.config.max_position_embeddings;
    const capacity = options.context ?? Math.min(most, defaultContext);
    if (capacity > most)
      throw new TilewrightError('bad-argument', {
        subject: '--context',
        problem: `${capacity} positions were asked for`,
        requirement: `the model was made for ${most} (max_position_embeddings)`,
        fix: 'ask for fewer',
      });
    const opened = await openModel(folder, {
      capacity,
      maxTokens: Math.min(capacity, options.maxTokens ?? defaultMaxTokens),
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    return { ...opened, folder };
  } finally {
    await folder.close();
  }
}

/** The tokenizer, or undefined where the folder has none. */
export async function tokenizerOf({ folder }: OpenedFolder): Promise<TextTokenizer | undefined> {
  return (await folder.tokenizerFiles()) === null ? undefined : openTokenizer(folder);
}
