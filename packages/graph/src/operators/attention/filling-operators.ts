// Any filling of attention's slots for scores and masks as an operator: whoever has a filling has an operator of it.
import { checkOptions, type Extent, type Filling, having, type OptionKind } from '@tilewright/kernels';
import type { MaskReference, ScoreReference } from '@tilewright/kernels/attention';
import { printShape } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { type AttributesOf, defineOperator } from '../operator.ts';
import { rowsOfSequences } from '../sequences/sequences.ts';
import { badNode, elementType, floats, rank, sameShape } from '../shapes.ts';

const attributes = { heads: { type: 'integer' }, keys: { type: 'integer' } } as const;
type Attributes = AttributesOf<typeof attributes>;

/**
 * What a filling of the slot `mask` makes of scores, for the input `mask` of `CachedAttention`: 0, or -∞ where a query does not see a
 * key (and what it adds). Its inputs are the filling's tensors by name, `sequences`, and `token_positions [1, tokens]`; `heads` and
 * `keys`, the positions of a row, are those of the attention, which absorbs it.
 */
export const maskOperator = (filling: Filling<MaskReference>): Operator => fillingOperator('mask', filling);

/** What a filling of the slot `score` adds to scores, for the input `bias`: see {@link maskOperator}. */
export const biasOperator = (filling: Filling<ScoreReference>): Operator => fillingOperator('score', filling);

/** What an argument that is to be a filling must be. */
export const aFilling: OptionKind = /* @__PURE__ */ having(
  'a filling of @tilewright/kernels/fillings',
  'id',
  'wgsl',
  'reference',
);

function fillingOperator(slot: 'mask' | 'score', filling: Filling): Operator {
  checkOptions(slot === 'mask' ? 'maskOperator' : 'biasOperator', { filling }, { filling: aFilling });
  const names = Object.keys(filling.bindings ?? {});
  return defineOperator({
    domain: 'tilewright',
    name: `${slot === 'mask' ? 'Mask' : 'Bias'}(${filling.id})`,
    inputs: [
      { name: 'sequences', kind: 'required' },
      { name: 'token_positions', kind: 'required' },
      ...names.map((name) => ({ name, kind: 'required' }) as const),
    ],
    attributes,
    absorption: {
      direction: 'load',
      through: ['scores'],
      sees: () => 'element',
      inseparable: true,
      load: ({ inputs }) => ({
        slots: { [slot]: filling },
        bindings: Object.fromEntries(names.map((name) => [`${slot}.${name}`, inputs[name]!])),
      }),
    },
    infer: (context) => {
      const tokens = checkTensors(context, filling);
      return {
        scores: { dtype: 'f32', shape: [1, context.attributes.heads, tokens, context.attributes.keys] },
      };
    },
    lower: ({ name }) => {
      throw badNode(
        name,
        'no attention absorbs it',
        `it is the ${slot === 'mask' ? 'mask' : 'bias'} of one CachedAttention`,
      );
    },
  });
}

/** The tokens of a step. Throws `bad-graph` for tensors that are not the filling's. */
function checkTensors(context: InferContext<Attributes>, filling: Filling): Extent {
  const { subject, inputs, attributes } = context;
  rank(subject, 'token_positions', inputs.token_positions!, 2);
  const batch = rowsOfSequences(subject, inputs.sequences!);
  checkFillingTensors(context, filling, { batch, ...attributes }, '');
  return inputs.token_positions!.shape[1]!;
}

/** Throws `bad-graph` for tensors that a filling does not take with these axes, and for a filling that reads uniforms. */
export function checkFillingTensors(
  context: Omit<InferContext, 'attributes'>,
  { id, bindings = {}, uniforms }: Filling,
  axes: Readonly<Record<string, Extent>>,
  prefix: string,
): void {
  const { subject, inputs } = context;
  const [uniform] = Object.keys(uniforms ?? {});
  if (uniform !== undefined)
    throw badNode(
      subject,
      `the filling '${id}' reads the uniform '${uniform}'`,
      'a filling in a graph has tensors only',
    );
  for (const [name, { shape, dtype }] of Object.entries(bindings)) {
    const role = `${prefix}${name}`;
    const type = inputs[role]!;
    elementType(subject, role, type, dtype === 'float' ? floats : [dtype]);
    const wanted = shape.map((size) => (typeof size === 'number' ? size : axes[size]));
    if (!wanted.every((size) => size !== undefined))
      throw badNode(
        subject,
        `'${role}' has the axes ${shape.join(', ')}`,
        `${Object.keys(axes).join(', ')} are known here`,
      );
    if (!sameShape(context, type.shape, wanted as Extent[]))
      throw badNode(
        subject,
        `'${role}' has shape ${printShape(type.shape)}`,
        `it must be ${printShape(wanted as Extent[])}`,
      );
  }
}
