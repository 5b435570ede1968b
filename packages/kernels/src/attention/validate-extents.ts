import { TilewrightError } from '../contract/errors.ts';
import type { Sizes } from '../contract/extent.ts';
import type { AttentionSettings } from './contract.ts';

/** The sizes of what packed batches and listed blocks bring along. Throws `bad-argument`, `bad-shape`. */
export function validateExtents(
  kernel: string,
  { batch, queries, heads, bounds, list_bounds }: Sizes,
  { packed, listed, blockSize, blockHeads }: AttentionSettings,
): void {
  if (!Number.isSafeInteger(blockSize) || blockSize < 1)
    throw new TilewrightError('bad-argument', {
      subject: kernel,
      problem: `option 'block_size' is ${blockSize}`,
      requirement: 'it is a number of queries, and of keys',
      fix: 'give block_size a positive integer',
    });
  if (packed && bounds !== batch! + 1)
    throw new TilewrightError('bad-shape', {
      subject: kernel,
      problem: `q_starts and k_starts have ${bounds} entries for ${batch} batch rows`,
      requirement: 'a row ends where the next one starts, so there is one entry more than rows',
      fix: `give ${batch! + 1} entries`,
    });
  const lists = Math.ceil(queries! / blockSize) * (blockHeads ? heads! : 1);
  if (listed && list_bounds !== lists + 1)
    throw new TilewrightError('bad-shape', {
      subject: kernel,
      problem: `block_starts has ${list_bounds} entries for ${lists} lists`,
      requirement:
        `${queries} queries in blocks of ${blockSize} have a list each${blockHeads ? `, for each of ${heads} heads` : ''}, ` +
        'and a list ends where the next one starts',
      fix: `give ${lists + 1} entries`,
    });
}
