import type { Oracle } from '../../contract/check.ts';

export const longConvReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, rows, columns, channels, taps, tap_rows: tapRows } = axes as Record<string, number>;
  const centre = options.centred ? (taps! - 1) / 2 : 0;
  const y = new Float64Array(batch! * rows! * columns! * channels!);
  for (let at = 0; at < y.length; at++) {
    const channel = at % channels!;
    const column = Math.floor(at / channels!) % columns!;
    const row = Math.floor(at / channels! / columns!) % rows!;
    const first = at - channel - (row * columns! + column) * channels!;
    let sum = options.skip ? round(inputs.skip![channel]! * inputs.x![at]!) : 0;
    for (let i = 0; i < tapRows! && i <= row; i++)
      for (let j = 0; j < taps!; j++) {
        const source = column + centre - j;
        if (source < 0 || source >= columns!) continue;
        const x = inputs.x![first + ((row - i) * columns! + source) * channels! + channel]!;
        sum = round(sum + round(inputs.h![(i * taps! + j) * channels! + channel]! * x));
      }
    y[at] = sum;
  }
  return { y };
};
