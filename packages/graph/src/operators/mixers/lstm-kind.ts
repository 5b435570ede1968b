import { lstmCell } from '@tilewright/kernels/fillings';
import type { RecurrentKind } from './define-recurrent.ts';

export const lstmKind: RecurrentKind = {
  name: 'LSTM',
  gates: 4,
  remembers: true,
  // ONNX bounds what activations read; implementations bound the gates, and not the memory that the last function reads.
  functions: {
    defaults: [
      ['sigmoid', 'x'],
      ['tanh', 'x'],
      ['tanh', 'x'],
    ],
    clipped: 2,
  },
  attributes: {
    input_forget: { type: 'integer', default: 0, choices: [0, 1] },
  },
  cell: ({ input_forget }, { activations, bias, peepholes }) =>
    lstmCell({ activations, bias, peepholes, couples: input_forget === 1 }),
};
