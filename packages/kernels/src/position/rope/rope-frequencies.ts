// How fast the pairs of rotary positions turn, a function for each way of stretching them: whoever knows which a model has takes that
// one, and `ropeTable` any by the record of its config.

import { checkOptions, finiteNumber, having, nonNegativeInteger } from '../../contract/check-options.ts';

export interface RopeAngles {
  /** Dimensions of a head that turn. */
  readonly rotary: number;
  /** Base of the wavelengths. */
  readonly theta: number;
  /** Rows of the table. */
  readonly positions: number;
  /** The context the model was trained on. */
  readonly trained: number;
}

export interface RopeFrequencies {
  /** Radians per position of each pair. */
  readonly frequencies: readonly number[];
  /** Multiplies cosines and sines. */
  readonly magnitude: number;
}

/** Throws `bad-argument` for what are no angles, and for what says no way of stretching them. */
function checkAngles(angles: object, factor = 1): void {
  checkOptions(
    'rotary angles',
    { angles, factor },
    { angles: having('an object with rotary and theta', 'rotary', 'theta'), factor: finiteNumber },
  );
}

/** Cosines and sines, f32 `[positions, rotary / 2, 2]`, from angles in f64. */
export function angleTable(positions: number, turns: RopeFrequencies): Float32Array<ArrayBuffer> {
  checkOptions(
    'angleTable',
    { positions, turns },
    { positions: nonNegativeInteger, turns: having('frequencies of pairs', 'frequencies', 'magnitude') },
  );
  const { frequencies, magnitude } = turns;
  const pairs = frequencies.length;
  const table = new Float32Array(2 * positions * pairs);
  for (let position = 0; position < positions; position++)
    frequencies.forEach((frequency, i) => {
      const at = 2 * (position * pairs + i);
      table[at] = magnitude * Math.cos(position * frequency);
      table[at + 1] = magnitude * Math.sin(position * frequency);
    });
  return table;
}

/** Su et al. 2021, arXiv 2104.09864. */
export function plainRope(angles: Pick<RopeAngles, 'rotary' | 'theta'>): RopeFrequencies {
  checkAngles(angles);
  const { rotary, theta } = angles;
  return {
    frequencies: Array.from({ length: rotary / 2 }, (_, i) => theta ** ((-2 * i) / rotary)),
    magnitude: 1,
  };
}

const turnedBy = (angles: RopeAngles, change: (frequency: number) => number): RopeFrequencies => ({
  frequencies: plainRope(angles).frequencies.map(change),
  magnitude: 1,
});

/** Chen et al. 2023, arXiv 2306.15595. */
export const linearRope = (angles: RopeAngles, factor: number): RopeFrequencies =>
  turnedBy(angles, (frequency) => frequency / factor);

/** A larger base. */
export function ntkRope(angles: RopeAngles, factor: number): RopeFrequencies {
  checkAngles(angles, factor);
  const { rotary, theta } = angles;
  return plainRope({ rotary, theta: theta * factor ** (rotary / (rotary - 2)) });
}

/** A base that grows with the length, taken at the number of positions. */
export function dynamicRope(angles: RopeAngles, factor: number): RopeFrequencies {
  checkAngles(angles, factor);
  return ntkRope(angles, Math.max(1, (factor * angles.positions) / angles.trained - (factor - 1)));
}

/** Long wavelengths are stretched, short ones kept, those between mixed: as Llama 3.1 has it. */
export function llama3Rope(
  angles: RopeAngles,
  scaling: { readonly factor: number; readonly low_freq_factor: number; readonly high_freq_factor: number },
): RopeFrequencies {
  checkAngles(angles, scaling?.factor);
  const { factor, low_freq_factor: low, high_freq_factor: high } = scaling;
  return turnedBy(angles, (frequency) => {
    const turns = (angles.trained * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return ((1 - kept) * frequency) / factor + kept * frequency;
  });
}

export interface YarnScaling {
  readonly factor: number;
  /** Default 32. */
  readonly beta_fast?: number;
  /** Default 1. */
  readonly beta_slow?: number;
  /** Null for what the paper infers from `factor`. */
  readonly attention_factor?: number | null;
  /** Both absent or 0 for the paper's; else the magnitude is `g(mscale) / g(mscale_all_dim)`. */
  readonly mscale?: number;
  readonly mscale_all_dim?: number;
  /** False leaves the range between the betas unrounded; default true. */
  readonly truncate?: boolean;
}

/** Peng et al. 2023, arXiv 2309.00071. */
export function yarnRope(angles: RopeAngles, scaling: YarnScaling): RopeFrequencies {
  checkAngles(angles, scaling?.factor);
  const { rotary, theta, trained } = angles;
  const { factor, truncate = true } = scaling;
  /** The pair that turns `turns` times within the trained context. */
  const pairOf = (turns: number): number =>
    (rotary * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [first, last] = [pairOf(scaling.beta_fast ?? 32), pairOf(scaling.beta_slow ?? 1)];
  const low = Math.max(0, truncate ? Math.floor(first) : first);
  const high = Math.min(rotary - 1, truncate ? Math.ceil(last) : last);
  const frequencies = plainRope(angles).frequencies.map((frequency, i) => {
    const stretched = Math.min(1, Math.max(0, (i - low) / Math.max(high - low, 0.001)));
    return frequency * (1 - stretched) + (frequency / factor) * stretched;
  });
  const growth = (scale: number): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const { mscale, mscale_all_dim: mscaleAll } = scaling;
  const inferred = mscale && mscaleAll ? growth(mscale) / growth(mscaleAll) : growth(1);
  return { frequencies, magnitude: scaling.attention_factor ?? inferred };
}
