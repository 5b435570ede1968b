// What the two operators of an mLSTM ask of their inputs.
import type { Extent } from '@tilewright/kernels';
import type { InferContext } from '../../ir.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';

export interface MatrixLstmAttributes {
  readonly heads: number;
  readonly reverse: number;
}

export const matrixLstmAttributes = {
  heads: { type: 'integer' },
  reverse: { type: 'integer', default: 0, choices: [0, 1] },
} as const;

/** Sizes of a head; throws `bad-graph` and `bad-dtype` for inputs that do not fit. */
export function matrixLstmSizes(context: InferContext<MatrixLstmAttributes>): {
  readonly batch: Extent;
  readonly keySize: number;
  readonly valueSize: number;
} {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'heads', attributes.heads);
  const keySize = packedSize(subject, 'q', inputs.q!, heads);
  const valueSize = packedSize(subject, 'v', inputs.v!, heads);
  const [batch, tokens] = inputs.q!.shape as [Extent, Extent];
  packedAs(context, 'k', inputs.q!.shape);
  packedAs(context, 'v', [batch, tokens, heads * valueSize]);
  for (const role of ['i', 'f']) packedAs(context, role, [batch, tokens, heads]);
  return { batch, keySize, valueSize };
}
