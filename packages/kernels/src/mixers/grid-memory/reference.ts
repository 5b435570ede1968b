import type { Oracle } from '../../contract/check.ts';

export const gridMemoryReference: Oracle = ({ axes, options, scalars, inputs, round }) => {
  const { batch, rows, columns, heads, key_size: keys, value_size: values } = axes as Record<string, number>;
  const y = new Float64Array(batch! * rows! * columns! * heads! * values!);
  const { q, k, v, transitions, sources, marks } = inputs as Record<string, Float64Array>;
  const times = (a: number, b: number): number => round(a * b);
  const plus = (...terms: readonly number[]): number => terms.reduce((sum, each) => round(sum + each));
  for (let line = 0; line < batch! * heads! * values!; line++) {
    const value = line % values!;
    const head = Math.floor(line / values!) % heads!;
    const row = Math.floor(line / values! / heads!);
    const down = Array.from({ length: columns! }, () => new Float64Array(keys!));
    for (let i = 0; i < rows!; i++) {
      const right = new Float64Array(keys!);
      for (let j = 0; j < columns!; j++) {
        const at = options.reverse_rows ? rows! - 1 - i : i;
        const place = options.reverse_columns ? columns! - 1 - j : j;
        const node = (row * rows! + at) * columns! + place;
        const of = (tensor: Float64Array, count: number, which: number): number =>
          tensor[(node * count + which) * heads! + head]!;
        const [rr, rd, dr, dd] = [0, 1, 2, 3].map((which) => of(transitions!, 4, which));
        const [toRight, toDown] = [0, 1].map((which) => of(sources!, 2, which));
        const [fromRight, fromDown] = [0, 1].map((which) => of(marks!, 2, which));
        const out = (node * heads! + head) * values! + value;
        let sum = 0;
        for (let c = 0; c < keys!; c++) {
          const vector = (node * heads! + head) * keys! + c;
          const [R, D] = [right[c]!, down[j]![c]!];
          const written = times(k![vector]!, v![out]!);
          sum = plus(sum, times(q![vector]!, plus(times(fromRight!, R), times(fromDown!, D))));
          right[c] = plus(times(rr!, R), times(dr!, D), times(toRight!, written));
          down[j]![c] = plus(times(rd!, R), times(dd!, D), times(toDown!, written));
        }
        y[out] = times(scalars.scale!, sum);
      }
    }
  }
  return { y };
};
