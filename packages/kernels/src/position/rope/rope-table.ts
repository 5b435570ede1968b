import {
  checkOptions,
  positiveInteger,
  finiteNumber,
  optional,
  anyValue,
  type OptionKind,
} from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';

/**
 * How a model was stretched beyond the context it was trained on, as `rope_scaling` of a Hugging Face config says it.
 * `dynamic` grows with the length and is taken at the number of positions of the table.
 */
export interface RopeScaling {
  readonly rope_type?: string;
  /** The older name of `rope_type`. */
  readonly type?: string;
  readonly factor?: number;
  readonly original_max_position_embeddings?: number;
  readonly low_freq_factor?: number;
  readonly high_freq_factor?: number;
  readonly beta_fast?: number;
  readonly beta_slow?: number;
  /** Null for what the paper infers from `factor`. */
  readonly attention_factor?: number | null;
  /** Both absent or 0 for the paper's; else the magnitude is `g(mscale) / g(mscale_all_dim)`. */
  readonly mscale?: number;
  readonly mscale_all_dim?: number;
  /** False leaves YaRN's range between the betas unrounded; default true. */
  readonly truncate?: boolean;
}

export interface RopeTableOptions {
  readonly headSize: number;
  /** Leading dimensions of a head that turn; default all. */
  readonly rotary?: number;
  /** Rows of the table. */
  readonly positions: number;
  /** Base of the wavelengths; default 10000. */
  readonly theta?: number;
  readonly scaling?: RopeScaling;
  /** The context the model was trained on, where `scaling` does not say; default `positions`. */
  readonly trainedPositions?: number;
}

/** What {@link ropeTable} takes. */
export const ropeTableKinds: Readonly<Record<keyof RopeTableOptions, OptionKind>> = {
  headSize: positiveInteger,
  rotary: optional(positiveInteger),
  positions: positiveInteger,
  theta: optional(finiteNumber),
  scaling: optional(anyValue),
  trainedPositions: optional(positiveInteger),
};

/**
 * Cosines and sines of rotary position embedding (Su et al. 2021, arXiv 2104.09864), f32 `[positions, rotary / 2, 2]`, from
 * angles in f64: WGSL's own sine is good to 2^-11 only. `scaling` may be `linear` (Chen et al. 2023, 2306.15595), `ntk` or
 * `dynamic` (a larger base), `yarn` (Peng et al. 2023, 2309.00071) or `llama3`.
 *
 * @throws `bad-argument` for odd sizes, and scaling that is unknown or lacks a number.
 */
export function ropeTable(options: RopeTableOptions): Float32Array<ArrayBuffer> {
  checkOptions('ropeTable', options, ropeTableKinds);
  const rotary = options.rotary ?? options.headSize;
  if (rotary % 2 !== 0 || rotary < 2 || rotary > options.headSize)
    refuse(
      `${rotary} dimensions of ${options.headSize} turn`,
      'they turn in pairs, within a head',
      'give an even `rotary`',
    );
  const { frequencies, magnitude } = ropeFrequencies(options, rotary);
  const table = new Float32Array(options.positions * rotary);
  for (let position = 0; position < options.positions; position++)
    frequencies.forEach((frequency, i) => {
      const at = position * rotary + 2 * i;
      table[at] = magnitude * Math.cos(position * frequency);
      table[at + 1] = magnitude * Math.sin(position * frequency);
    });
  return table;
}

interface Frequencies {
  /** Radians per position of each pair. */
  readonly frequencies: readonly number[];
  /** Multiplies cosines and sines. */
  readonly magnitude: number;
}

function ropeFrequencies(options: RopeTableOptions, rotary: number): Frequencies {
  const { theta = 10_000, scaling = {}, positions } = options;
  const trained = scaling.original_max_position_embeddings ?? options.trainedPositions ?? positions;
  const powers = (base: number): number[] =>
    Array.from({ length: rotary / 2 }, (_, i) => base ** ((-2 * i) / rotary));
  const need = (name: keyof RopeScaling): number => {
    const value = scaling[name];
    if (typeof value === 'number' && value > 0) return value;
    return refuse(
      `rope scaling '${kind}' has ${name} ${value}`,
      'it must be a positive number',
      'complete rope_scaling',
    );
  };
  const kind = scaling.rope_type ?? scaling.type ?? 'default';
  switch (kind) {
    case 'default':
      return { frequencies: powers(theta), magnitude: 1 };
    case 'linear':
      return { frequencies: powers(theta).map((frequency) => frequency / need('factor')), magnitude: 1 };
    case 'ntk':
      return { frequencies: powers(theta * need('factor') ** (rotary / (rotary - 2))), magnitude: 1 };
    case 'dynamic': {
      const growth = Math.max(1, (need('factor') * positions) / trained - (need('factor') - 1));
      return { frequencies: powers(theta * growth ** (rotary / (rotary - 2))), magnitude: 1 };
    }
    case 'llama3':
      return { frequencies: powers(theta).map(llama3(need, trained)), magnitude: 1 };
    case 'yarn':
      return yarn(scaling, need('factor'), powers(theta), theta, trained, rotary);
    default:
      return refuse(
        `unknown rope scaling '${kind}'`,
        'known are default, linear, ntk, dynamic, yarn, llama3',
        'use a model with one of these',
      );
  }
}

/** Long wavelengths are stretched, short ones kept, those between mixed. */
function llama3(need: (name: keyof RopeScaling) => number, trained: number): (frequency: number) => number {
  const [factor, low, high] = [need('factor'), need('low_freq_factor'), need('high_freq_factor')];
  return (frequency) => {
    const turns = (trained * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return ((1 - kept) * frequency) / factor + kept * frequency;
  };
}

function yarn(
  scaling: RopeScaling,
  factor: number,
  frequencies: readonly number[],
  theta: number,
  trained: number,
  rotary: number,
): Frequencies {
  /** The pair that turns `turns` times within the trained context. */
  const pairOf = (turns: number): number =>
    (rotary * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const { truncate = true } = scaling;
  const [first, last] = [pairOf(scaling.beta_fast ?? 32), pairOf(scaling.beta_slow ?? 1)];
  const low = Math.max(0, truncate ? Math.floor(first) : first);
  const high = Math.min(rotary - 1, truncate ? Math.ceil(last) : last);
  const scaled = frequencies.map((frequency, i) => {
    const stretched = Math.min(1, Math.max(0, (i - low) / Math.max(high - low, 0.001)));
    return frequency * (1 - stretched) + (frequency / factor) * stretched;
  });
  const growth = (scale: number): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const { mscale, mscale_all_dim: mscaleAll } = scaling;
  const inferred = mscale && mscaleAll ? growth(mscale) / growth(mscaleAll) : growth(1);
  return { frequencies: scaled, magnitude: scaling.attention_factor ?? inferred };
}

function refuse(problem: string, requirement: string, fix: string): never {
  throw new TilewrightError('bad-argument', { subject: 'ropeTable', problem, requirement, fix });
}
