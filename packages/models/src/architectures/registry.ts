// Every architecture, each fetched when a model claims it. Who ships one model imports its architecture instead.
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { deferArchitecture, type DeferredArchitecture } from './architecture.ts';
import { llamaClaim } from './llama/claim.ts';
import { mistralClaim } from './mistral/claim.ts';
import { qwen2Claim } from './qwen2/claim.ts';

export const architectures: readonly DeferredArchitecture<LanguageTasks>[] = [
  deferArchitecture(llamaClaim, async () => (await import('./llama/index.ts')).llama),
  deferArchitecture(mistralClaim, async () => (await import('./mistral/index.ts')).mistral),
  deferArchitecture(qwen2Claim, async () => (await import('./qwen2/index.ts')).qwen2),
];
