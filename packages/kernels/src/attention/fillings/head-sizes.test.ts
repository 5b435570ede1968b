// Turned queries and keys of heads whose halves end within a fragment of four channels, beside those that do not.
import { testKernel } from '@tilewright/tooling/test-kernel';
import { attentionCase } from '../check-cases.ts';
import { checkFillings } from './check-fillings.ts';
import { collinearLoadK, collinearLoadQ, ropeLoadK, ropeLoadQ } from './index.ts';

const positions = 40;

testKernel(
  checkFillings([
    ...[12, 20, 28, 18].flatMap((headSize) => [
      attentionCase([1, 5, 34, 2, 1, headSize], {
        slots: {
          load_q: ropeLoadQ({ headSize, positions }),
          load_k: ropeLoadK({ headSize, positions }),
        },
      }),
      attentionCase([1, 5, 34, 2, 1, headSize], {
        slots: {
          load_q: collinearLoadQ({ headSize, positions }),
          load_k: collinearLoadK({ headSize, positions }),
        },
      }),
    ]),
    // Fewer channels than there are turn, so that the last fragment turns in part.
    attentionCase([1, 5, 34, 2, 1, 24], {
      slots: {
        load_q: ropeLoadQ({ headSize: 24, positions, rotary: 10 }),
        load_k: ropeLoadK({ headSize: 24, positions, rotary: 10 }),
      },
    }),
    attentionCase([1, 5, 34, 2, 1, 20], {
      slots: {
        load_q: ropeLoadQ({ headSize: 20, positions, rotary: 6, interleaved: true }),
        load_k: ropeLoadK({ headSize: 20, positions, rotary: 6, interleaved: true }),
      },
    }),
  ]),
);
