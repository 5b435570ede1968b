import { checkOptions, having } from '../contract/check-options.ts';
import { TilewrightError } from '../contract/errors.ts';
import type { BlockLists } from './block-lists.ts';

/**
 * Checks lists of blocks that were made by hand, before they go to the device, where blocks that do not exist are skipped
 * and lists are cut in silence. Throws `bad-argument` that names the list.
 */
export function checkBlockLists(lists: BlockLists, keyBlocks: number): BlockLists {
  checkOptions('checkBlockLists', { lists }, { lists: having('block lists', 'starts', 'keys') });
  const { starts, keys } = lists;
  const fail = (list: number, problem: string, fix: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: 'block lists',
      problem: `list ${list} ${problem}`,
      requirement: `a list names some of ${keyBlocks} key blocks, each once and in ascending order`,
      fix,
    });
  };
  if (starts[0] !== 0) fail(0, `begins at ${starts[0]}`, 'begin at 0');
  for (let list = 0; list + 1 < starts.length; list++) {
    const [from, to] = [starts[list]!, starts[list + 1]!];
    if (to < from || to > keys.length)
      fail(
        list,
        `goes from ${from} to ${to} of ${keys.length} entries`,
        'end each list where the next begins',
      );
    for (let i = from; i < to; i++) {
      if (keys[i]! >= keyBlocks) fail(list, `names block ${keys[i]}`, 'leave it out');
      if (i > from && keys[i]! <= keys[i - 1]!)
        fail(list, `names block ${keys[i]} after block ${keys[i - 1]}`, 'sort it, and name no block twice');
    }
  }
  return lists;
}
