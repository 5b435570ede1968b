import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { matrixLstm } from './matrix-lstm.ts';
import { matrixMemoryMeaning } from './matrix-memory.meaning.ts';
import { peakScanMeaning } from './peak-scan.meaning.ts';

/** Its own definition, in the two steps that it is written in: first m, then C and n relative to it. */
export const matrixLstmMeaning: OperatorMeaning = ofEachSequence(
  {
    tokens: ['q', 'k', 'v', 'i', 'f', 'y'],
    states: { initial_c: 'final_c', initial_n: 'final_n', initial_m: 'final_m' },
  },
  {
    operator: matrixLstm,
    meaning: (context) => {
      const { has, value, shape } = context;
      const peaks = peakScanMeaning.meaning({
        ...context,
        has: (role) => has(role === 'initial' ? 'initial_m' : role),
        value: (role) => value(role === 'initial' ? 'initial_m' : role),
      });
      const memory = matrixMemoryMeaning.meaning({
        ...context,
        value: (role) => (role === 'before' ? peaks.before! : value(role)),
        shape: (role) => shape(role === 'before' ? 'i' : role),
      });
      return { ...memory, final_m: peaks.final! };
    },
  },
);
