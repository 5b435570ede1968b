import type { Problem } from '../contract/contract.ts';
import { checkDigits } from './digits.ts';
import { memoryOrder, type MemoryOrder } from './memory-order.ts';

/**
 * The memory order that an option of a problem names, for a tensor of `sizes`. Throws `bad-argument` for what is no order,
 * and `bad-shape` where its digits do not divide an axis or leave the places that memory has.
 */
export function fittedOrder(
  kernel: string,
  option: string,
  { options }: Pick<Problem, 'options'>,
  written: boolean,
  sizes: Readonly<Record<'b' | 's' | 'h', number>>,
): MemoryOrder {
  const order = memoryOrder(kernel, option, String(options[option]), written);
  checkDigits(kernel, option, order.pattern, order.digits, sizes);
  return order;
}
