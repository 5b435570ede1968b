import type { Oracle } from '../../contract/check.ts';
import { sequencesOf } from '../sequences/reference.ts';

export const selectiveScanReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, channels, states, groups } = axes as Record<string, number>;
  const sequences = sequencesOf(input);
  const before = inputs.initial ?? inputs.final;
  const final = before?.slice() ?? new Float64Array(sequences.length * channels! * states!);
  const y = new Float64Array(batch! * tokens! * channels!);
  for (let line = 0; line < sequences.length * channels!; line++) {
    const channel = line % channels!;
    const { batch: row, first, count } = sequences[Math.floor(line / channels!)]!;
    const h = final.subarray(line * states!, (line + 1) * states!);
    for (let turn = 0; turn < count; turn++) {
      const token = row * tokens! + first + (options.reverse ? count - 1 - turn : turn);
      const at = token * channels! + channel;
      const group = (token * groups! + Math.floor((channel * groups!) / channels!)) * states!;
      const size = options.bias ? round(inputs.delta![at]! + inputs.bias![channel]!) : inputs.delta![at]!;
      const step = options.softplus ? round(Math.max(size, 0) + Math.log1p(Math.exp(-Math.abs(size)))) : size;
      const x = inputs.x![at]!;
      let read = 0;
      h.forEach((value, n) => {
        const decay = round(Math.exp(round(step * inputs.rate![channel * states! + n]!)));
        h[n] = round(round(decay * value) + round(round(step * x) * inputs.b![group + n]!));
        read = round(read + round(h[n] * inputs.c![group + n]!));
      });
      if (options.skip) read = round(read + round(inputs.skip![channel]! * x));
      const z = inputs.gate?.[at] ?? 0;
      y[at] = options.gate ? round(read * round(z / round(1 + round(Math.exp(-z))))) : read;
    }
  }
  return options.states === 'none' || options.states === 'initial' ? { y } : { y, final };
};
