// Masks that skip whole blocks by numbers a caller gives to the tokens: right in whatever order those come.
import { testKernel } from '@tilewright/tooling/test-kernel';
import type { CheckCase } from '../../contract/check.ts';
import { attentionCase, attentionCheck } from '../check-cases.ts';
import { decodeAttention } from '../decode-attention/index.ts';
import { flashAttention } from '../flash-attention/index.ts';
import { documentMask, kroneckerMask } from './index.ts';

const keys = 120;
const shuffled = Array.from({ length: keys }, (_, i) => (i * 77) % keys);

/** Documents of one row: in turn, and with padding behind them, mixed, and in no order at all. */
const documents: Readonly<Record<string, (i: number) => number>> = {
  padded: (i) => (i < 46 ? 1 : i < 91 ? 2 : 0),
  descending: (i) => 9 - Math.floor(i / 13),
  interleaved: (i) => i % 3,
  shuffled: (i) => Math.floor(shuffled[i]! / 30),
};

/** Series and time of each place of 4 series. */
const places: Readonly<Record<string, (i: number) => readonly [number, number]>> = {
  'series by series': (i) => [Math.floor(i / 30), i % 30],
  'time by time': (i) => [i % 4, Math.floor(i / 4)],
  'newest first': (i) => [3 - Math.floor(i / 30), 29 - (i % 30)],
  shuffled: (i) => [shuffled[i]! % 4, Math.floor(shuffled[i]! / 4)],
};
const dependencies = Uint32Array.of(1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1);

const casesOf = (queries: number): CheckCase[] => [
  ...Object.entries(documents).map(([name, documentOf]) =>
    attentionCase([1, queries, keys, 3, 1, 20], {
      name: `documents ${name}`,
      slots: { mask: documentMask },
      inputs: () => ({ 'mask.documents': Uint32Array.from({ length: keys }, (_, i) => documentOf(i)) }),
    }),
  ),
  ...Object.entries(places).map(([name, placeOf]) =>
    attentionCase([1, queries, keys, 3, 1, 20], {
      name: `places ${name}`,
      slots: { mask: kroneckerMask(4) },
      inputs: () => ({
        'mask.places': Uint32Array.from(Array.from({ length: keys }, (_, i) => placeOf(i)).flat()),
        'mask.dependencies': dependencies,
      }),
    }),
  ),
];

testKernel(attentionCheck(flashAttention, casesOf(keys)));
testKernel(attentionCheck(decodeAttention, casesOf(5)));
