// What is added to scores of attention, and which of them count, for the blocks of a decoder.
import { biasOperator, maskOperator } from '@tilewright/graph/filling-operators';
import { alibi, documentMask } from '@tilewright/kernels/fillings';
import type { ScoreSource } from './attention.ts';
import type { DecoderBuilder } from './decoder-builder.ts';

/** The slopes that ALiBi's authors give `heads` heads: a geometric sequence, interpolated where heads are no power of two. */
export function alibiSlopes(heads: number): Float32Array<ArrayBuffer> {
  const whole = 2 ** Math.floor(Math.log2(heads));
  const slopes = (count: number): number[] =>
    Array.from({ length: count }, (_, head) => 2 ** ((-8 * (head + 1)) / count));
  const between = slopes(2 * whole).filter((_, i) => i % 2 === 0);
  return Float32Array.from([...slopes(whole), ...between].slice(0, heads));
}

const placesOf = ({ sequences, positions }: DecoderBuilder): Record<string, string> => ({
  sequences,
  token_positions: positions,
});

/** ALiBi (Press et al. 2022, arXiv 2108.12409): keys count less the farther back they are. */
export function alibiBias(): ScoreSource {
  const operator = biasOperator(alibi);
  const slopes = new WeakMap<object, string>();
  return (m, heads) => {
    const constant = slopes.get(m.graph) ?? m.graph.constant('alibi.slopes', [heads], alibiSlopes(heads));
    slopes.set(m.graph, constant);
    return m.graph.node(operator, { ...placesOf(m), slopes: constant }, { heads, keys: m.capacity }).scores!;
  };
}

/**
 * Several documents in a sequence, which do not see each other: the input `documents`, u32 `[sequences, capacity]`, numbers that of each
 * position.
 */
export function documentsMask(): ScoreSource {
  const operator = maskOperator(documentMask);
  const inputs = new WeakMap<object, string>();
  return (m, heads) => {
    const documents = inputs.get(m.graph) ?? m.graph.input('documents', 'u32', [m.rows, m.capacity]);
    inputs.set(m.graph, documents);
    return m.graph.node(operator, { ...placesOf(m), documents }, { heads, keys: m.capacity }).scores!;
  };
}
