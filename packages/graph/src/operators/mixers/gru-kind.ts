import { gruCell } from '@tilewright/kernels/fillings';
import type { RecurrentKind } from './define-recurrent.ts';

export const gruKind: RecurrentKind = {
  name: 'GRU',
  gates: 3,
  remembers: false,
  functions: {
    defaults: [
      ['sigmoid', 'x'],
      ['tanh', 'x'],
    ],
    clipped: 2,
  },
  attributes: {
    linear_before_reset: { type: 'integer', default: 0, choices: [0, 1] },
  },
  cell: ({ linear_before_reset }, { activations, bias }) =>
    gruCell({ activations, bias, resetAfter: linear_before_reset === 1 }),
};
