import { rnnCell } from '@tilewright/kernels/fillings';
import type { RecurrentKind } from './define-recurrent.ts';

export const rnnKind: RecurrentKind = {
  name: 'RNN',
  gates: 1,
  remembers: false,
  functions: { defaults: [['tanh', 'x']], clipped: 1 },
  attributes: {},
  cell: (_, { activations, bias }) => rnnCell({ activations, bias }),
};
