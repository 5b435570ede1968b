import type { Json } from '@tilewright/formats';
import type { ConfigFields } from './config-fields.ts';
import { linearScaling } from './rope-scalings/linear.ts';
import { llama3Scaling } from './rope-scalings/llama3.ts';
import type { RopeScaling, RopeScalingType } from './rope-scalings/rope-scaling.ts';

export interface Rope {
  readonly rope_theta: number;
  /** Null for plain rotary embeddings. */
  readonly rope_scaling: RopeScaling | null;
}

/** Takes the part of a head that turns, of the config and of its `rope_parameters`; undefined where one says nothing. */
export type PartialRotary = (fields: ConfigFields, factor: Json | undefined) => void;

const wholeHeads: PartialRotary = (fields, partial_rotary_factor = 1) => {
  if (partial_rotary_factor !== 1)
    fields.refuse(
      { partial_rotary_factor },
      'all of a head is rotated in the supported models',
      'choose a model without it',
    );
};

/**
 * Reads both spellings: `rope_theta` beside `rope_scaling: { type | rope_type, ... }`, and the newer
 * `rope_parameters: { rope_type, rope_theta, ... }`. Every field of either object changes numbers, so one that is not
 * known is refused, as are an unknown type and contradictions: `bad-model`. `others` are types beside the usual ones.
 */
export function parseRope(
  fields: ConfigFields,
  maxPositions: number,
  others: readonly RopeScalingType[] = [],
  partialRotary: PartialRotary = wholeHeads,
): Rope {
  const parameters = fields.object('rope_parameters');
  const older = fields.object('rope_scaling');
  if (parameters && older) {
    fields.refuse(
      {
        rope_parameters: fields.get('rope_parameters'),
        rope_scaling: fields.get('rope_scaling'),
      },
      spellings,
      'remove the older one, rope_scaling',
    );
  }
  const outer = fields.positive('rope_theta', 10_000);
  const rope_theta = parameters?.positive('rope_theta', outer) ?? outer;
  if (fields.get('rope_theta') !== undefined && outer !== rope_theta) {
    fields.refuse(
      { rope_theta: outer, 'rope_parameters.rope_theta': rope_theta },
      spellings,
      'remove the one that is wrong',
    );
  }
  for (const said of [fields, parameters]) partialRotary(fields, said?.get('partial_rotary_factor'));
  const scaling = parameters ?? older;
  const rope_scaling = scaling === null ? null : parseScaling(scaling, maxPositions, others);
  scaling?.refuseUnread();
  return { rope_theta, rope_scaling };
}

function parseScaling(
  fields: ConfigFields,
  maxPositions: number,
  others: readonly RopeScalingType[],
): RopeScaling | null {
  const older = fields.text('type', 'default');
  const type = fields.text('rope_type', older);
  if (fields.get('type') !== undefined && older !== type) {
    fields.refuse({ rope_type: type, type: older }, spellings, 'remove the one that is wrong');
  }
  if (type === 'default') return null;
  const known = [linearScaling, llama3Scaling, ...others];
  const scaling = known.find(({ rope_type }) => rope_type === type)?.read(fields, maxPositions);
  if (scaling === undefined)
    return fields.refuse(
      { rope_type: type },
      `the types known are default, ${known.map(({ rope_type }) => rope_type).join(', ')}`,
      'hand openModel what reads it in ropeScalings (dynamicScaling, yarnScaling), or choose a model with one of these',
    );
  warnOfShrinking(fields, scaling, maxPositions);
  return scaling;
}

/** Stretching that makes a context shorter is computed as it stands, and most likely a slip. */
function warnOfShrinking(fields: ConfigFields, scaling: RopeScaling, maxPositions: number): void {
  if (scaling.factor < 1)
    fields.warn(`factor is ${scaling.factor}, which stretches nothing: below 1 it shrinks`);
  const { original_max_position_embeddings: original = 0 } = scaling;
  if (original > maxPositions)
    fields.warn(
      `original_max_position_embeddings is ${original}, beyond max_position_embeddings, which is ${maxPositions}`,
    );
}

const spellings = 'they are two spellings of the same';
