// `@tilewright/models/all`: the same as the main entry, and `openModel` knows every architecture.
import type { ModelSource } from '@tilewright/formats';
import { architectures } from './architectures/registry.ts';
import { type OpenedModel, openModel as openWith, type OpenModelOptions } from './open-model.ts';
import type { LanguageTasks } from './tasks/language-tasks.ts';

export * from './index.ts';
export { architectures };

/** {@link openWith} with every architecture there is. */
export const openModel = (
  source: ModelSource,
  options: Omit<OpenModelOptions<LanguageTasks>, 'architectures'> = {},
): Promise<OpenedModel<LanguageTasks>> => openWith(source, { ...options, architectures });
