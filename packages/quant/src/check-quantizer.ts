import { type Quantizer, type TensorQuantizer, TilewrightError } from '@tilewright/kernels';

/** What every recipe here rounds with: a quantizer, or what makes one for each tensor. */
export type AnyQuantizer<Grid = unknown> = Quantizer<Grid> | TensorQuantizer<Grid>;

/** Throws `bad-argument` for what is no quantizer, such as the options of one: messages speak for `recipe`. */
export function checkQuantizer(recipe: string, quantizer: unknown): void {
  const { fit, pack, forTensor } = Object(quantizer) as Partial<Quantizer & TensorQuantizer>;
  if (typeof forTensor === 'function' || (typeof fit === 'function' && typeof pack === 'function')) return;
  throw new TilewrightError('bad-argument', {
    subject: recipe,
    problem: `the quantizer is ${JSON.stringify(quantizer)}`,
    requirement: 'it is a Quantizer, which brings its format and how it rounds',
    fix: 'make one by integerQuantizer of @tilewright/kernels/weights/integer, or by that of another format',
  });
}
