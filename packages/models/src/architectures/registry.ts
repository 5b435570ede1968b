// Every architecture, each fetched when a model claims it, in a list for each thing that models are opened for. Who ships one
// model imports its architecture instead.
import type { EmbeddingTasks } from '../tasks/embedding-tasks.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { deferArchitecture, type DeferredArchitecture } from './architecture.ts';
import { bertClaim } from './bert/claim.ts';
import { gatedDeltaNetClaim } from './gated-deltanet/claim.ts';
import { llamaClaim } from './llama/claim.ts';
import { mamba2Claim } from './mamba2/claim.ts';
import { mambaClaim } from './mamba/claim.ts';
import { mistralClaim } from './mistral/claim.ts';
import { qwen2Claim } from './qwen2/claim.ts';
import { qwen3Claim } from './qwen3/claim.ts';
import { qwen3NextClaim } from './qwen3-next/claim.ts';

/** Of models that write and score texts. */
export const languageArchitectures: readonly DeferredArchitecture<LanguageTasks>[] = [
  deferArchitecture(llamaClaim, async () => (await import('./llama/index.ts')).llama),
  deferArchitecture(mistralClaim, async () => (await import('./mistral/index.ts')).mistral),
  deferArchitecture(qwen2Claim, async () => (await import('./qwen2/index.ts')).qwen2),
  deferArchitecture(qwen3Claim, async () => (await import('./qwen3/index.ts')).qwen3),
  deferArchitecture(mambaClaim, async () => (await import('./mamba/index.ts')).mamba),
  deferArchitecture(mamba2Claim, async () => (await import('./mamba2/index.ts')).mamba2),
  deferArchitecture(
    gatedDeltaNetClaim,
    async () => (await import('./gated-deltanet/index.ts')).gatedDeltaNet,
  ),
  deferArchitecture(qwen3NextClaim, async () => (await import('./qwen3-next/index.ts')).qwen3Next),
];

/** Of models that make vectors of texts. */
export const embeddingArchitectures: readonly DeferredArchitecture<EmbeddingTasks>[] = [
  deferArchitecture(bertClaim, async () => (await import('./bert/index.ts')).bert),
];

export const architectures: readonly DeferredArchitecture<LanguageTasks | EmbeddingTasks>[] = [
  ...languageArchitectures,
  ...embeddingArchitectures,
];
