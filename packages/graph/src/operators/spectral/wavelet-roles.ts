// What a wavelet transform and its inverse have in common: filters by name or as inputs.
import type { InferContext, LoweringContext, Node } from '../../ir.ts';
import { badNode, elementType, floats, numbersOf, rank } from '../shapes.ts';
import { waveletFilters, waveletNames } from './wavelets.ts';

export interface WaveletAttributes {
  readonly wavelet: string | null;
}

export const waveletAttributes: {
  readonly wavelet: {
    readonly type: 'string';
    readonly default: null;
    readonly choices: readonly string[];
  };
} = { wavelet: { type: 'string', default: null, choices: waveletNames } };

/** Taps of the filters. Throws `bad-graph` where they are named twice or not at all, or do not fit each other. */
export function tapsOf({ subject, inputs, attributes }: InferContext<WaveletAttributes>): number {
  const { lowpass, highpass } = inputs;
  const isNamed = attributes.wavelet !== null;
  if (isNamed === (lowpass !== undefined) || (lowpass === undefined) !== (highpass === undefined))
    throw badNode(
      subject,
      `its wavelet is ${attributes.wavelet ?? 'not named'}, with ${[lowpass && "'lowpass'", highpass && "'highpass'"].filter(Boolean).join(' and ') || 'no filter'}`,
      'it has a name, or both filters',
    );
  if (!lowpass || !highpass) return waveletFilters(attributes.wavelet!, 'analysis').lowpass.length;
  const [taps, others] = Object.entries({ lowpass, highpass }).map(([role, type]) => {
    elementType(subject, role, type, floats);
    rank(subject, role, type, 1);
    return numbersOf(subject, role, type.shape)[0]!;
  }) as [number, number];
  if (taps !== others || taps % 2 !== 0 || taps === 0)
    throw badNode(subject, `its filters have ${taps} and ${others} taps`, 'they have the same even number');
  return taps;
}

/** The values of the filters: inputs, or constants of the named wavelet. */
export function filterValues(
  { inputs, attributes }: Node<WaveletAttributes>,
  { arranged }: LoweringContext,
  part: 'analysis' | 'synthesis',
): { readonly lowpass: string; readonly highpass: string } {
  const { wavelet } = attributes;
  if (wavelet === null) return { lowpass: inputs.lowpass!, highpass: inputs.highpass! };
  const put = (filter: 'lowpass' | 'highpass'): string => {
    const taps = waveletFilters(wavelet, part)[filter];
    return arranged(`${filter} of ${wavelet}, ${part}`, [taps.length], () => Float32Array.from(taps));
  };
  return { lowpass: put('lowpass'), highpass: put('highpass') };
}
