// ToeplitzAttention by Fourier transforms, where they take fewer loads than direct sums and are good enough.
import { fftSize } from '@tilewright/kernels/fft';
import { toeplitzLoads } from '@tilewright/kernels/toeplitz-transform';
import type { GraphContext, Node } from '../../ir.ts';
import { cast } from '../elements/cast.ts';
import { exp } from '../pointwise/exp.ts';
import { fourierTransform } from '../spectral/fourier-transform.ts';
import type { KernelAttributes } from './kernel-attention-sizes.ts';
import { toeplitzTransform } from './toeplitz-transform.ts';

/** Tokens and keys together from which on the error of transforms, relative to the largest term of a sequence, is small. */
const longSequence = 128;

/** Maps of which all features of a token may be 0, so that a denominator may be nothing but the error of a transform. */
const vanishing: readonly string[] = ['relu', 'squared_relu'];

/** The nodes in place of a ToeplitzAttention of an element map; undefined where direct sums are the better choice, or a run alone knows lengths. */
export function toeplitzByTransforms(
  { name, inputs, outputs, attributes }: Node<KernelAttributes>,
  { values }: Pick<GraphContext, 'values'>,
): readonly Node[] | undefined {
  const { causal, normalize, feature_map: map, q_num_heads: heads, kv_num_heads: keyHeads } = attributes;
  if (normalize === 1 && vanishing.includes(map)) return undefined;
  const [Q, K, V, bias] = (['Q', 'K', 'V', 'bias'] as const).map((role) => values[inputs[role]!]!.shape) as [
    readonly number[],
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const [tokens, keys, span] = [Q[1]!, K[1]!, bias[1]!];
  if (typeof tokens !== 'number' || typeof keys !== 'number' || tokens + keys < longSequence)
    return undefined;
  const middle = (span - 1) / 2;
  const points = pointsFrom(Math.max(tokens, keys) + middle);
  if (points === undefined) return undefined;
  const [features, valueSize] = [Q[2]! / heads, V[2]! / keyHeads];
  const columns = valueSize + normalize;
  const sums = (tokens * keys * valueSize * (2 * features + 2)) / (causal === 1 ? 2 : 1);
  const isWide = 8 * features * (tokens + points) > 2 ** 26;
  if (isWide || toeplitzLoads({ size: points, tokens, features, columns }) >= sums) return undefined;
  const own = (part: string): string => `${name}.${part}`;
  const nodes: Node[] = [];
  let weights = inputs.bias!;
  // Factors are not rounded to f16.
  if (values[weights]!.dtype === 'f16') {
    const output = own('biases');
    nodes.push({
      name: output,
      operator: cast,
      inputs: { input: weights },
      outputs: { output },
      attributes: { to: 1 },
    });
    weights = output;
  }
  const [Y, y] = [own('factors'), own('spectrum')];
  nodes.push({ name: Y, operator: exp, inputs: { X: weights }, outputs: { Y }, attributes: {} });
  const whole = {
    axis: 1,
    size: points,
    bins: points,
    from: 'real',
    to: 'complex',
    inverse: 1,
    scale: 1 / points,
  };
  nodes.push({
    name: y,
    operator: fourierTransform,
    inputs: { x: Y },
    outputs: { y },
    // Later keys have no factor.
    attributes: { ...whole, ...(causal === 1 && { taken: middle + 1 }) },
  });
  const { causal: _, ...more } = attributes;
  nodes.push({
    name,
    operator: toeplitzTransform,
    inputs: { Q: inputs.Q!, K: inputs.K!, V: inputs.V!, spectrum: y },
    outputs,
    attributes: { ...more, span },
  });
  return nodes;
}

function pointsFrom(least: number): number | undefined {
  try {
    return fftSize(least);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
