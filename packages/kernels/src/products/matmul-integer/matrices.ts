// Which matrix of an operand belongs to a batch row of the result, as ONNX broadcasts leading axes.
import type { OptionValue } from '../../contract/contract.ts';
import { type Digit, readDigits } from '../../memory/digits.ts';
import { TilewrightError } from '../../contract/errors.ts';

/** The order of an operand's matrices: `b` is one for each batch row, `b (b:3)` one for three neighbours. */
export function matricesOf(
  options: Readonly<Record<string, OptionValue>>,
  side: 'a' | 'b',
): readonly Digit<'b'>[] {
  const option = `${side}_batches`;
  const text = String(options[option]);
  return readDigits(text.trim().split(/\s+/), ['b'], (wrong) => {
    throw new TilewrightError('bad-argument', {
      subject: 'matmul-integer',
      problem: `option '${option}' is '${text}': ${wrong}`,
      requirement: 'it lists the digits of the batch row, those along which a matrix repeats in brackets',
      fix: "write 'b', or, for example, 'b (b:3)'",
    });
  });
}
