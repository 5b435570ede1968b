import { TilewrightError } from '@tilewright/kernels';
import type { Axis, BuildOptions } from '../architectures/architecture.ts';
import { decoderBuilder, type DecoderBuilder } from './decoder-builder.ts';

/** The positions of a model whose recurrences take a text of any length. */
export const unlimited: Axis = { size: 2 ** 24, from: 'a recurrence has no limit' };

/** Begins a decoder without attention. Throws `bad-argument` for options of caches, which it does not read. */
export function recurrentDecoder(options: BuildOptions): DecoderBuilder {
  for (const name of ['cache', 'cacheFormat'] as const)
    if (options[name] !== undefined)
      throw new TilewrightError('bad-argument', {
        subject: 'openModel',
        problem: `${name} is ${name === 'cacheFormat' ? options[name]!.id : options[name]}`,
        requirement: 'this model has no attention, so it keeps no keys and values',
        fix: 'leave it out',
      });
  return decoderBuilder(unlimited, options);
}
