import { type Quantizer, TilewrightError } from '@tilewright/kernels';

/** Throws `bad-argument` for what is no quantizer, such as the options of one: messages speak for `recipe`. */
export function checkQuantizer(recipe: string, quantizer: unknown): asserts quantizer is Quantizer {
  const { fit, pack } = Object(quantizer) as Partial<Quantizer>;
  if (typeof fit === 'function' && typeof pack === 'function') return;
  throw new TilewrightError('bad-argument', {
    subject: recipe,
    problem: `the quantizer is ${JSON.stringify(quantizer)}`,
    requirement: 'it is a Quantizer, which brings its format and how it rounds',
    fix: 'make one by integerQuantizer of @tilewright/kernels/weights/integer, or by that of another format',
  });
}
