// Short causal convolutions in f64, whichever of their axes is the last.
import type { MeaningContext } from '../meaning.ts';

/** The output and the last inputs. `input` and `before` are roles; `tokens` is the axis of the tokens. */
export function convolved(
  { attributes, has, value, shape }: MeaningContext,
  input: string,
  before: string,
  tokens: 1 | 2,
): { readonly output: Float64Array; readonly last: Float64Array } {
  const sizes = shape(input) as [number, number, number];
  const [batch, count, channels] = [sizes[0], sizes[tokens]!, sizes[3 - tokens]!];
  const past = shape('weight')[2]! - 1;
  const output = new Float64Array(batch * channels * count);
  const last = new Float64Array(batch * channels * past);
  for (let line = 0; line < batch * channels; line++) {
    const [row, channel] = [Math.floor(line / channels), line % channels];
    const placeOf = (token: number): number =>
      tokens === 2 ? line * count + token : (row * count + token) * channels + channel;
    const at = (token: number): number => {
      if (token >= 0) return value(input)[placeOf(token)]!;
      return has(before) ? value(before)[line * past + past + token]! : 0;
    };
    for (let token = 0; token < count; token++) {
      let sum = has('bias') ? value('bias')[channel]! : 0;
      for (let j = 0; j <= past; j++)
        sum += value('weight')[channel * (past + 1) + j]! * at(token - past + j);
      output[placeOf(token)] = attributes.activation === 'none' ? sum : sum / (1 + Math.exp(-sum));
    }
    for (let i = 0; i < past; i++) last[line * past + i] = at(count - past + i);
  }
  return { output, last };
}
