import type { Step } from '../architectures/architecture.ts';

/**
 * What a language model's graph offers to those who generate and score. Its steps read `ids [1, tokens]` and `sequences
 * [rows + 1, 2]` (of each sequence its first token and the positions it has had; then the number of tokens and 0: see
 * `packedSequences`), scoring also `targets [1, tokens]`; the symbols are `tokens`, and `keys`, the positions of all sequences
 * after the step. All other names are values of the graph.
 */
export interface LanguageTasks {
  /** Tokens are below this. */
  readonly vocabulary: number;
  /** Positions that a sequence has room for. */
  readonly capacity: number;
  /** Sequences that a step has room for. */
  readonly sequences: number;
  /** States that a new text must find at zero; caches are not among them: `sequences` says how much of them counts. */
  readonly restarts: readonly string[];
  /** Reads tokens into the cache. */
  readonly read: Step;
  /** Reads a token and samples the next: u32 `[1, 1]`, and its logit. */
  readonly decode: Step & { readonly token: string; readonly logit: string };
  /**
   * Of every token: logits `[1, tokens, vocabulary]`, and in the graph that `scoring` makes the likeliest successor and the loss
   * of the target in nats.
   */
  readonly score: Step & {
    readonly logits: string;
    readonly targets: string;
    readonly argmax: string;
    readonly loss: string;
  };
}
