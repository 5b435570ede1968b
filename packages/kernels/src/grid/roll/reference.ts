import type { Oracle } from '../../contract/check.ts';

export const rollReference: Oracle = ({ axes, options, inputs }) => {
  const { batch, tokens, channels } = axes as Record<string, number>;
  const grid = String(options.grid).split('x').map(Number);
  const shift = String(options.shift).split(' ').map(Number);
  const y = new Float64Array(batch! * tokens! * channels!);
  for (let row = 0; row < batch! * tokens!; row++) {
    let [rest, to, stride] = [row % tokens!, 0, 1];
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const size = grid[axis]!;
      const place = (rest % size) + shift[axis]!;
      to += (place - size * Math.floor(place / size)) * stride;
      rest = Math.floor(rest / size);
      stride *= size;
    }
    const start = row - (row % tokens!);
    y.set(inputs.x!.subarray(row * channels!, (row + 1) * channels!), (start + to) * channels!);
  }
  return { y };
};
