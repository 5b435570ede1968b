// Every architecture, each fetched when a model claims it. Who ships one model imports its architecture instead.
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { deferArchitecture, type DeferredArchitecture } from './architecture.ts';
import { llamaClaim } from './llama/claim.ts';

export const architectures: readonly DeferredArchitecture<LanguageTasks>[] = [
  deferArchitecture(llamaClaim, async () => (await import('./llama/index.ts')).llama),
];
