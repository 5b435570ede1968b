// `@tilewright/models/all`: the same as the main entry, and `openModel` knows every architecture, and every way of
// stretching rotary positions.
import type { ModelSource } from '@tilewright/formats';
import { architectures, embeddingArchitectures, languageArchitectures } from './architectures/registry.ts';
import { ropeScalings } from './architectures/rope-scalings/registry.ts';
import { type OpenedModel, openModel as openWith, type OpenModelOptions } from './open-model.ts';
import type { LanguageTasks } from './tasks/language-tasks.ts';

export * from './index.ts';
export { architectures, embeddingArchitectures, languageArchitectures, ropeScalings };

/** Models that other tools compressed: their readers are fetched when such a model is opened. */
const checkpoints: NonNullable<OpenModelOptions<unknown>['checkpoints']> = async (source) =>
  (await import('@tilewright/formats/checkpoints')).allCheckpoints(source);

/**
 * {@link openWith} with every architecture that writes and scores texts and every scaling of rotary positions, where no others are named: `embeddingArchitectures` are
 * those that make vectors of texts.
 */
export function openModel<Tasks = LanguageTasks>(
  source: ModelSource,
  options: Partial<OpenModelOptions<Tasks>> = {},
): Promise<OpenedModel<Tasks>> {
  // Where Tasks is not that of a list that was handed over, it is the default.
  const writing = languageArchitectures as unknown as OpenModelOptions<Tasks>['architectures'];
  return openWith(source, { architectures: writing, checkpoints, ropeScalings, ...options });
}
