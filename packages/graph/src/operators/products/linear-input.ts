import { rmsNormalise } from '../../oracle/arithmetic.ts';
import type { MeaningContext } from '../meaning.ts';

/** The rows a linear layer multiplies: normalised, with the gain, as its attributes and inputs say. For meanings. */
export function linearInput({ attributes, has, value, shape }: MeaningContext): Float64Array {
  const x = value('x');
  const columns = shape('x')[1]!;
  const { normEpsilon } = attributes;
  const normalised = normEpsilon === null ? x : rmsNormalise(x, columns, Number(normEpsilon));
  if (!has('gain')) return normalised;
  const gain = value('gain');
  return normalised.map((each, i) => each * gain[i % columns]!);
}
