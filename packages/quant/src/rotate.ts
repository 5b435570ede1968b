import {
  headSites,
  type Recipe,
  residualSite,
  type Rewrite,
  type RotationSite,
  type WeightChange,
} from '@tilewright/compression';
import { randomRotation } from '@tilewright/compression/linalg';
import { checkOptions, nonNegativeInteger, optional, TilewrightError } from '@tilewright/kernels';
import { type HostTensor, type StateDict, unpack, type WeightCodec } from '@tilewright/kernels/weights';
import { denseDType, packF32 } from '@tilewright/kernels/weights/dense';

/** What rotations may be told; every member has a default. */
export interface RotateConfig {
  /** Of the signs in front of the transform; default 1. */
  readonly seed?: number;
}

const rotating = (
  name: string,
  config: RotateConfig,
  sites: (model: Parameters<Rewrite['apply']>[0]) => readonly RotationSite[],
): Recipe => {
  checkOptions(name, config, { seed: optional(nonNegativeInteger) });
  const { seed = 1 } = config;
  const apply: Rewrite['apply'] = (model, state, codecs) =>
    sites(model).flatMap((site) => turnSite(name, site, state, codecs, seed));
  return Object.freeze({
    name,
    rewrites: [{ name, apply }],
    stages: [],
  } satisfies Recipe);
};

/**
 * Turns the values between all blocks by one random Hadamard matrix, which goes into the weights that make and read them: the model
 * computes what it did, and no column stands out any more. Changes no format: compose it with what rounds. Weights become f32.
 * When it runs, it throws `bad-argument` where the model has something between blocks that does not turn (a norm with a mean or with
 * a gain that could not be folded into the weights behind it), naming it.
 *
 * Source: Ashkboos et al., SliceGPT (2024), section 3, for which parts turn, and QuaRot (2024) for the matrix.
 */
export const rotateResidual = (config: RotateConfig = {}): Recipe =>
  rotating('rotate residual', config, (model) => [residualSite(model)]);

/**
 * Turns the values that attention mixes, each head by the same random Hadamard matrix: it goes into the rows of the product that makes
 * values and the columns of the one that reads what heads found. Changes no format; weights become f32. When it runs, it throws `bad-argument`
 * for a model without such attention, or with something between these products.
 *
 * Source: Ashkboos et al., QuaRot (2024), stage 1c.
 */
export const rotateHeads = (config: RotateConfig = {}): Recipe => rotating('rotate heads', config, headSites);

function turnSite(
  name: string,
  { size, columns, rows, gains }: RotationSite,
  state: StateDict,
  codecs: readonly WeightCodec[],
  seed: number,
): readonly WeightChange[] {
  for (const { name: gain, unit } of gains)
    if (unpack(state.get(gain)!, codecs).some((stored) => stored !== unit))
      throw new TilewrightError('bad-argument', {
        subject: name,
        problem: `the gain '${gain}' is not ones, and could not be folded into the weights behind it`,
        requirement: 'a gain of each column does not turn',
        fix: 'begin with untie where the head is the embedding, too; else leave this step out',
      });
  const rotation = randomRotation(size, seed);
  const changed = new Map<string, HostTensor>();
  const turn = (weight: string, of: 'columns' | 'rows'): void => {
    const tensor = changed.get(weight) ?? state.get(weight)!;
    if (denseDType(tensor.format) === undefined)
      throw new TilewrightError('bad-format', {
        subject: name,
        problem: `'${weight}' is stored as ${tensor.format.name}`,
        requirement: 'only dense weights turn',
        fix: 'put this step before those that round',
      });
    const values = Float64Array.from(unpack(tensor, codecs));
    const width = tensor.shape.at(-1)!;
    if (of === 'columns') for (let i = 0; i < values.length; i += size) rotation(values, i, 1);
    else
      for (let row = 0; row * width < values.length; row += size)
        for (let column = 0; column < width; column++) rotation(values, row * width + column, width);
    changed.set(weight, packF32(Float32Array.from(values), tensor.shape));
  };
  for (const weight of columns) turn(weight, 'columns');
  for (const weight of rows) turn(weight, 'rows');
  return [...changed];
}
