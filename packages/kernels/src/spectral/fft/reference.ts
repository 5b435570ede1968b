import type { Oracle, Round } from '../../contract/check.ts';
import type { BackReference, BetweenReference, Complex, FourierScope, FrontReference } from './slots.ts';

/** Σ_n z_n e^{sign 2πi nk/size}: of the smallest divisor's residues first, so that errors grow as those of a tree. */
export function transform(z: readonly Complex[], sign: number, round: Round): Complex[] {
  const size = z.length;
  let divisor = 2;
  while (size % divisor !== 0 && divisor * divisor < size) divisor++;
  if (size % divisor !== 0) divisor = size;
  if (size === 1) return [...z];
  const parts = Array.from({ length: divisor }, (_, r) =>
    transform(
      z.filter((__, i) => i % divisor === r),
      sign,
      round,
    ),
  );
  const root = Array.from({ length: size }, (_, i) => (2 * Math.PI * i) / size);
  const cosines = root.map((angle) => round(Math.cos(angle)));
  const sines = root.map((angle) => round(sign * Math.sin(angle)));
  return Array.from({ length: size }, (_, k): Complex => {
    let [re, im] = [0, 0];
    for (let r = 0; r < divisor; r++) {
      const [x, y] = parts[r]![k % (size / divisor)]!;
      const [c, s] = [cosines[(r * k) % size]!, sines[(r * k) % size]!];
      re = round(re + round(round(x * c) - round(y * s)));
      im = round(im + round(round(x * s) + round(y * c)));
    }
    return [re, im];
  });
}

export const fftReference: Oracle = ({ axes, scalars, options, inputs, slots, round }) => {
  const {
    outer,
    inner = 1,
    frames = 1,
    samples,
    step,
    size,
    length,
    bins,
    parts,
    channels,
  } = axes as Record<string, number>;
  const { front, between, back } = slots as {
    readonly front: FrontReference;
    readonly between: BetweenReference;
    readonly back: BackReference;
  };
  const lines = outer! * inner * frames;
  const y = new Float64Array(lines * bins! * channels!);
  for (let line = 0; line < lines; line++) {
    const stored = (n: number): Complex => {
      if (n >= length!) return [0, 0];
      const place = options.framed
        ? Math.floor(line / frames) * samples! + (line % frames) * step! + n
        : (Math.floor(line / inner) * length! + n) * inner + (line % inner);
      return parts === 1 ? [inputs.x![place]!, 0] : [inputs.x![2 * place]!, inputs.x![2 * place + 1]!];
    };
    const scope: FourierScope = {
      line,
      axes,
      round,
      tensor: () => new Float64Array(),
      sample(n) {
        if (!options.half) return stored(n);
        const [re, im] = stored(2 * n <= size! ? n : size! - n);
        return [re, n === 0 || 2 * n === size! ? 0 : 2 * n < size! ? im : -im];
      },
    };
    const scopeOf = (slot: string): FourierScope => ({
      ...scope,
      tensor: (binding) => inputs[`${slot}.${binding}`]!,
    });
    const z = Array.from({ length: size! }, (_, n) => front(n, scopeOf('front')));
    let result = transform(z, options.inverse ? 1 : -1, round);
    if (options.turns === 'round')
      result = transform(
        result.map((value, k) => between(k, value, scopeOf('between'))),
        1,
        round,
      );
    result.forEach((value, k) => {
      const bin = back.bin(k, axes);
      const place = (Math.floor(line / inner) * bins! + bin) * inner + (line % inner);
      const kept = back.value(k, value, scopeOf('back')).map((part) => round(scalars.scale! * part));
      if (bin < bins!) y.set(kept.slice(0, channels), place * channels!);
    });
  }
  return { y };
};
