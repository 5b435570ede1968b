// Long convolutions by Fourier transforms: of the filter, and of x there and back with the filter's spectrum in between, along each axis that the
// filter runs along. Which way is shorter is counted in loads: sums are right for any length, transforms for long ones.
import { fftLoads, fftSize } from '@tilewright/kernels/fft';
import type { Attribute, GraphContext, Node } from '../../ir.ts';
import { fourierTransform } from '../spectral/fourier-transform.ts';

/** An axis of a convolution: the elements of x, the taps, and the one of them that stands at an element. */
interface ConvolvedAxis {
  readonly length: number;
  readonly taps: number;
  readonly centre: number;
}

/** Points that hold the results of an axis free of what comes round the end. Throws a `RangeError` beyond all plans. */
const pointsOf = ({ length, taps, centre }: ConvolvedAxis): number =>
  fftSize(Math.max(length + taps - 1 - centre, taps));

/** The nodes of a long convolution; undefined where direct sums take fewer loads, or where only a run knows the lengths. */
export function convolutionByTransforms(
  node: Pick<Node, 'name' | 'inputs' | 'outputs'>,
  { values }: Pick<GraphContext, 'values'>,
  centred: boolean,
): readonly Node[] | undefined {
  const [x, h] = [values[node.inputs.x!]!, values[node.inputs.h!]!];
  const lengths = x.shape.slice(1, -1);
  if (!lengths.every((size): size is number => typeof size === 'number') || x.shape.includes(0))
    return undefined;
  const axes = lengths.map((length, i): ConvolvedAxis => {
    const taps = h.shape[i] as number;
    return { length, taps, centre: centred ? (taps - 1) / 2 : 0 };
  });
  const points = shorterPoints(axes);
  return points && transformed(node, axes, points, x.dtype);
}

/** Points by axis; undefined where direct sums take fewer loads. */
function shorterPoints(axes: readonly ConvolvedAxis[]): readonly number[] | undefined {
  try {
    const points = axes.map(pointsOf);
    // Of a channel. A sum loads x and h for each tap that meets the sequence, half of them where they only see back.
    const sums = axes.reduce((product, { length, taps, centre }) => {
      const met = Math.min(taps, length);
      return product * length * (centre > 0 ? met : met / (length > met ? 1 : 2));
    }, 2);
    // The filter there, x there and back; all lines of the other axes.
    const others = (i: number): number =>
      points.reduce((product, each, j) => (j === i ? product : product * each), 1);
    const transforms = points.reduce((sum, each, i) => sum + 3 * others(i) * fftLoads(each), 0);
    return transforms < sums ? points : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function transformed(
  { name, inputs, outputs }: Pick<Node, 'name' | 'inputs' | 'outputs'>,
  axes: readonly ConvolvedAxis[],
  points: readonly number[],
  dtype: string,
): readonly Node[] {
  const nodes: Node[] = [];
  const put = (
    from: Readonly<Record<string, string>>,
    part: string,
    attributes: Readonly<Record<string, Attribute>>,
  ): string => {
    const y = `${name}.${part}`;
    nodes.push({ name: y, operator: fourierTransform, inputs: from, outputs: { y }, attributes });
    return y;
  };
  // The last axis is real, with half of its bins; the one before it, where there is one, complex.
  const last = axes.length - 1;
  const [size, { length, centre }] = [points[last]!, axes[last]!];
  const bins = Math.floor(size / 2) + 1;
  const there = { size, from: 'real', to: 'complex', bins };
  const scale = 1 / size;
  const D = inputs.D === undefined ? {} : { impulse: inputs.D };
  const filter = put({ x: inputs.h!, ...D }, 'filter', { ...there, axis: last, place: centre });
  if (last === 0) {
    const round = { axis: 1, size, from: 'real', to: 'real', bins: length, first: centre, round: 1, scale };
    put({ x: inputs.x!, W: filter }, 'y', { ...round, result: dtype });
  } else {
    const whole = { size: points[0]!, from: 'complex', to: 'complex' };
    const W = put({ x: filter }, 'spectrum', { ...whole, axis: 0, bins: points[0]! });
    const rows = put({ x: inputs.x! }, 'rows', { ...there, axis: 2 });
    const columns = put({ x: rows, W }, 'columns', {
      ...whole,
      axis: 1,
      bins: axes[0]!.length,
      round: 1,
      scale: 1 / points[0]!,
    });
    const back = { axis: 2, size, from: 'half', to: 'real', bins: length, inverse: 1, scale };
    put({ x: columns }, 'y', { ...back, result: dtype });
  }
  return nodes.map((node, i) => (i === nodes.length - 1 ? { ...node, outputs: { y: outputs.y! } } : node));
}
