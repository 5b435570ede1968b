import {
  checkOptions,
  positiveInteger,
  finiteNumber,
  optional,
  anyValue,
  type OptionKind,
} from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import {
  angleTable,
  dynamicRope,
  linearRope,
  llama3Rope,
  ntkRope,
  plainRope,
  type RopeFrequencies,
  yarnRope,
} from './rope-frequencies.ts';

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
  return angleTable(options.positions, ropeFrequencies(options, rotary));
}

function ropeFrequencies(options: RopeTableOptions, rotary: number): RopeFrequencies {
  const { theta = 10_000, scaling = {}, positions } = options;
  const trained = scaling.original_max_position_embeddings ?? options.trainedPositions ?? positions;
  const angles = { rotary, theta, positions, trained };
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
      return plainRope(angles);
    case 'linear':
      return linearRope(angles, need('factor'));
    case 'ntk':
      return ntkRope(angles, need('factor'));
    case 'dynamic':
      return dynamicRope(angles, need('factor'));
    case 'llama3':
      return llama3Rope(angles, {
        factor: need('factor'),
        low_freq_factor: need('low_freq_factor'),
        high_freq_factor: need('high_freq_factor'),
      });
    case 'yarn':
      return yarnRope(angles, { ...scaling, factor: need('factor') });
    default:
      return refuse(
        `unknown rope scaling '${kind}'`,
        'known are default, linear, ntk, dynamic, yarn, llama3',
        'use a model with one of these',
      );
  }
}

function refuse(problem: string, requirement: string, fix: string): never {
  throw new TilewrightError('bad-argument', { subject: 'ropeTable', problem, requirement, fix });
}
