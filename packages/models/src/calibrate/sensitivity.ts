// How far a model is from itself as it was once a weight is changed: what a budget weighs errors of layers by.
import type { StateDict } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { type Comparison, divergenceFrom } from '../tasks/divergence.ts';
import { type LanguageGraph, loadLanguageModel } from '../tasks/language-model.ts';
import { scoring } from '../tasks/scoring.ts';
import { scoreEach } from '../tasks/windows.ts';

/** Windows that each changed model is scored on: there is one for each weight. */
const scoredWindows = 4;

/**
 * Measures the Kullback–Leibler divergence, in nats per token, of what a model says with other weights from what it says with `weights`,
 * on the first windows. Throws what loading and scoring throw.
 */
export async function divergenceOfWeights(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  windows: readonly (readonly number[])[],
): Promise<(changed: StateDict) => Promise<number>> {
  const scored = windows.slice(0, scoredWindows).map((tokens) => ({ tokens }));
  const logitsOf = async (
    state: StateDict,
    onLogits: (logits: Float32Array, window: number) => void,
  ): Promise<void> => {
    const loaded = await loadLanguageModel(device, { model, weights: state }, { buckets: [], scoring });
    try {
      let window = 0;
      for await (const { logits } of scoreEach(loaded, scored, { logits: true })) onLogits(logits!, window++);
    } finally {
      loaded.dispose();
    }
  };
  const comparisons: Comparison[] = [];
  await logitsOf(weights, (logits) => comparisons.push(divergenceFrom(logits, model.tasks.vocabulary)));
  return async (changed) => {
    let [sum, tokens] = [0, 0];
    await logitsOf(changed, (logits, window) => {
      const count = scored[window]!.tokens.length;
      sum += count * comparisons[window]!(logits).klToReference;
      tokens += count;
    });
    // Rounding may leave a divergence of zero slightly below it.
    return Math.max(0, sum / tokens);
  };
}
