import { TilewrightError } from '@tilewright/kernels';
import type { WeightCodec } from '@tilewright/kernels/weights';
import type { HostTensor, StateDict } from '@tilewright/kernels/weights';
import { requiredGram } from './gram.ts';
import type { Recipe, RecipeInput, Statistics } from './recipe.ts';
import { compressTensor, summarize, type CompressionReport, type LayerReport } from './report.ts';

/** Sent after each weight. */
export interface CompressionProgress {
  /** Weights done, and to do in all. */
  readonly done: number;
  readonly total: number;
  readonly layer: LayerReport;
}

export interface ApplyOptions {
  /** Of the formats that weights and what becomes of them are stored in. */
  readonly codecs: readonly WeightCodec[];
  /** Which tensors to compress; {@link isLinearWeight} unless told. */
  readonly select?: (name: string, tensor: HostTensor) => boolean;
  readonly onProgress?: (progress: CompressionProgress) => void;
  /** An `AbortSignal`, looked at before each weight. */
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown };
}

/**
 * True for the weights of linear layers: matrices called `….weight`, except embeddings, the head that shares their
 * table, and norms.
 */
export function isLinearWeight(name: string, tensor: HostTensor): boolean {
  return (
    tensor.shape.length === 2 &&
    name.endsWith('.weight') &&
    !/embed|norm|lm_head|\bw[tp]e\b|\bln_/i.test(name)
  );
}

/**
 * Compresses the chosen tensors of a state and passes the others on, yielding to the event loop after each.
 *
 * @returns a new state in the same order, and what was done; `state` is only read.
 * @throws `bad-argument` where the recipe needs statistics that are not there (before any work), `aborted`, and what the
 * recipe throws.
 */
export async function applyRecipe(
  recipe: Recipe,
  state: StateDict,
  statistics: Statistics,
  options: ApplyOptions,
): Promise<{ state: StateDict; report: CompressionReport }> {
  const { codecs, select = isLinearWeight, onProgress, signal } = options;
  const inputs: RecipeInput[] = [];
  for (const [name, tensor] of state) {
    if (!select(name, tensor)) continue;
    const found = statistics.get(name);
    const input = { name, tensor, codecs, ...(found && { statistics: found }) };
    if (recipe.needs === 'gram' || found !== undefined) requiredGram(recipe.name, input);
    inputs.push(input);
  }
  const result = new Map(state);
  const layers: LayerReport[] = [];
  for (const input of inputs) {
    if (signal?.aborted) {
      throw new TilewrightError(
        'aborted',
        {
          subject: recipe.name,
          problem: `stopped after ${layers.length} of ${inputs.length} weights`,
          requirement: 'the caller aborted',
        },
        { cause: signal.reason },
      );
    }
    const { tensor, report } = compressTensor(recipe, input);
    result.set(input.name, tensor);
    layers.push(report);
    onProgress?.({ done: layers.length, total: inputs.length, layer: report });
    await nextTask();
  }
  return { state: result, report: summarize(recipe, layers) };
}

/** Lets timers, input and drawing have their turn: a resolved promise alone would not. */
function nextTask(): Promise<void> {
  const host = globalThis as unknown as { setTimeout: (callback: () => void, ms: number) => unknown };
  return new Promise((resolve) => host.setTimeout(resolve, 0));
}
