import { add } from '@tilewright/graph/operators/add';
import { expand } from '@tilewright/graph/operators/expand';
import { groupRmsNormalization } from '@tilewright/graph/operators/group-rms-normalization';
import { linearAttention } from '@tilewright/graph/operators/linear-attention';
import { mul } from '@tilewright/graph/operators/mul';
import { sigmoid } from '@tilewright/graph/operators/sigmoid';
import { softplus } from '@tilewright/graph/operators/softplus';
import { swiGlu } from '@tilewright/graph/operators/swi-glu';
import type { Axis } from '../architectures/architecture.ts';
import { columns, shaped } from './columns.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { headNorm } from './head-norm.ts';
import { numbers } from './numbers.ts';
import { recurrence } from './recurrence.ts';

export interface GatedDeltaShape {
  readonly keyHeads: number;
  /** A multiple of the key heads, which they share in groups of neighbours. */
  readonly valueHeads: Axis;
  readonly keySize: number;
  readonly valueSize: number;
  readonly epsilon: number;
  /** What strengths stay below: 1, or 2 where keys may be turned around. Default 1. */
  readonly strongest?: number;
}

export interface GatedDeltaInputs {
  /** Queries, then keys, of any length, `[1, tokens, 2 · keyHeads · keySize]`: they are normalised here. */
  readonly qk: string;
  /** `[1, tokens, valueHeads · valueSize]`. */
  readonly v: string;
  /** `[1, tokens, valueHeads]` each: what the decay and the strength of a token are made of. */
  readonly a: string;
  readonly b: string;
  /** `[1, tokens, valueHeads · valueSize]`, or undefined for no gate. */
  readonly z: string | undefined;
  /** What it calls the norm of what is read. */
  readonly norm: string;
}

/** Under the root where queries and keys are brought to length 1. */
const unitEpsilon = 1e-6;

/**
 * The gated delta rule (Yang et al. 2024, arXiv 2412.06464) with what surrounds it wherever it is used: queries and keys of length 1,
 * `S = e^g S + β k (v − e^g Sᵀk)ᵀ` with `g = −e^NAME.A_log softplus(a + NAME.dt_bias)` and `β = strongest · σ(b)`, `Sᵀq / √keySize`, an RMS norm of each
 * head and a gate. Its state is `keySize · valueSize` numbers for each value head.
 */
export function gatedDelta(
  m: DecoderBuilder,
  name: string,
  { qk, v, a, b, z, norm }: GatedDeltaInputs,
  { keyHeads, valueHeads, keySize, valueSize, epsilon, strongest = 1 }: GatedDeltaShape,
): string {
  const { graph } = m;
  const heads = valueHeads.size;
  const perHead = (part: string): string => `${name}.${part}`;
  const biased = graph.node(
    add,
    { A: a, B: m.weight(perHead('dt_bias'), [valueHeads]) },
    {},
    perHead('a'),
  ).C!;
  const step = graph.node(softplus, { X: biased }, {}, perHead('step')).Y!;
  const rate = numbers(m, perHead('A_log'), [valueHeads], (logarithm) => -Math.exp(logarithm));
  const decay = graph.node(mul, { A: step, B: rate }, {}, perHead('decay')).C!;
  const share = graph.node(sigmoid, { X: b }, {}, perHead('share')).Y!;
  const filled = (part: string, size: number, value: number): string =>
    graph.constant(perHead(part), [size], new Float32Array(size).fill(value));
  const beta =
    strongest === 1
      ? share
      : graph.node(mul, { A: share, B: filled('strongest', heads, strongest) }, {}, perHead('beta')).C!;
  // x / √(Σx² + ε) is x / √(mean x² + ε/d) by √d.
  const root = filled('unit', keySize, keySize ** -0.5);
  const unit = { groups: 2 * keyHeads, epsilon: unitEpsilon / keySize };
  const units = graph.node(groupRmsNormalization, { X: qk, scale: root }, unit, perHead('qk')).Y!;
  const size = keyHeads * keySize;
  const [query, key] = columns(m, units, [size, size], perHead('units')).map((part, i) =>
    repeated(m, part, perHead(i === 0 ? 'q' : 'k'), { keyHeads, heads, keySize }),
  );
  const attended = recurrence(m, perHead('state'), [heads, keySize, valueSize], (past_state, sequences) => {
    const inputs = {
      query,
      key,
      value: v,
      past_state,
      decay,
      beta,
      sequences,
    };
    const attributes = { q_num_heads: heads, kv_num_heads: heads, scale: keySize ** -0.5 };
    const made = graph.node(linearAttention, inputs, attributes, perHead('rule'));
    return [made.output!, made.present_state!];
  });
  const normed = headNorm(epsilon)(m, attended, perHead(norm), heads, valueSize);
  return z === undefined ? normed : graph.node(swiGlu, { A: z, B: normed }, {}, perHead('gate')).Y!;
}

/** Heads of keys as often as value heads share them. */
function repeated(
  m: DecoderBuilder,
  x: string,
  name: string,
  {
    keyHeads,
    heads,
    keySize,
  }: { readonly keyHeads: number; readonly heads: number; readonly keySize: number },
): string {
  if (heads === keyHeads) return x;
  const { graph } = m;
  const single = shaped(m, x, [keyHeads, 1, keySize], `${name}.heads`);
  const shape = graph.integers(`${name}.sharing`, [3], [keyHeads, heads / keyHeads, keySize]);
  const shared = graph.node(expand, { input: single, shape }, {}, `${name}.shared`).output!;
  return shaped(m, shared, [heads * keySize], `${name}.repeated`);
}
