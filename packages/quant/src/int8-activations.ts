import { type CompressibleModel, linearWeightsOf, perWeight, type Recipe } from '@tilewright/compression';
import { type StateDict, TilewrightError } from '@tilewright/kernels';
import { withInt8Tokens } from '@tilewright/kernels/matmul-int8-tokens';

/**
 * Lets the products of integer weights round their activation to int8, one step for each token, found as it comes: W8A8 behind a
 * rounding to 8 bits, W4A8 behind one to 4. Changes no number of a weight, only the format that says how it is multiplied.
 * Throws `bad-format` for weights that are not integers whose codes such products read.
 */
export const int8Activations = (): Recipe =>
  perWeight('int8-activations', [], ({ tensor }) => ({ ...tensor, format: withInt8Tokens(tensor.format) }));

/**
 * The same for a model that is compressed already: a state whose integer weights in linear layers round their activation, all others as
 * they are. Throws `bad-format` where there is no such weight.
 */
export function withInt8Activations(model: CompressibleModel, state: StateDict): StateDict {
  const changed = new Map(state);
  for (const name of linearWeightsOf(model)) {
    const tensor = state.get(name)!;
    if (tensor.format.reader?.codeOffset !== undefined)
      changed.set(name, { ...tensor, format: withInt8Tokens(tensor.format) });
  }
  if ([...changed].some(([name, { format }]) => format !== state.get(name)!.format)) return changed;
  throw new TilewrightError('bad-format', {
    subject: 'withInt8Activations',
    problem: `no weight of the linear layers has integer codes: they are ${formatsOf(model, state)}`,
    requirement:
      'codes of an activation meet codes of integers in groups of a multiple of 32 columns or rows',
    fix: 'round the weights to such integers first',
  });
}

const formatsOf = (model: CompressibleModel, state: StateDict): string =>
  [...new Set(linearWeightsOf(model).map((name) => state.get(name)!.format.name))].join(', ');
