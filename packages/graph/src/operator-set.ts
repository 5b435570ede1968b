import { lowerings } from './lowering/index.ts';
import type { Lower } from './lowering/lowering.ts';
import { type Operators, operators } from './operators/index.ts';
import type { Rule } from './rewrite.ts';

/**
 * What the nodes of a graph mean and how they are computed. A caller hands a set to the builder and to `compile`, as it
 * hands kernels: only what is handed over is in a page's bundle.
 */
export interface OperatorSet {
  readonly operators: Operators;
  /** How each operator is computed. Those that the rules replace need none. */
  readonly lowerings: Readonly<Record<string, Lower>>;
  /** Rewrites of nodes that take more than one kernel into nodes that take one each; always applied. */
  readonly rules: readonly Rule[];
}

/** The operators of language models: token by token, `[tokens, width]`. */
export const ours: OperatorSet = { operators, lowerings, rules: [] };
