import type { Step } from '../architectures/architecture.ts';

/**
 * What an encoder's graph offers to those who want vectors of texts. Its steps read `ids`, `positions` (from 0 on) and `types`
 * (of which of two texts a token is), each u32 `[1, tokens]`; the symbol is `tokens`. All other names are values of the graph.
 */
export interface EmbeddingTasks {
  /** Tokens are below this. */
  readonly vocabulary: number;
  /** Types are below this. */
  readonly tokenTypes: number;
  /** Positions are below this. */
  readonly positions: number;
  /** Hidden states of every token, `[1, tokens, hidden]`. */
  readonly embed: Step & { readonly hidden: string };
  /** The same, and what the model's own pooler makes of each, `[1, tokens, hidden]`: that of the first token is meant. */
  readonly pool?: Step & { readonly hidden: string; readonly pooled: string };
}
