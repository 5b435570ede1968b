// Mechanisms in the spectrum that are made of several operators, each held against f64 and against what its paper says must be equal.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueData } from '../../executable.ts';
import { drawnNumbers, relativeError, sketch, type Sketch, type Sketched } from '../../oracle/sketch.ts';
import { meanings } from '../../registry.ts';
import { cast } from '../elements/cast.ts';
import { greater } from '../elements/greater.ts';
import { gatedScan } from '../mixers/gated-scan.ts';
import { kernelAttention } from '../mixers/kernel-attention.ts';
import { longConvolution } from '../mixers/long-convolution.ts';
import { longConvolution2d } from '../mixers/long-convolution2d.ts';
import { add } from '../pointwise/add.ts';
import { div } from '../pointwise/div.ts';
import { mul } from '../pointwise/mul.ts';
import { sub } from '../pointwise/sub.ts';
import { tanh } from '../pointwise/tanh.ts';
import { matMul } from '../products/mat-mul.ts';
import { reduceL2 } from '../reductions/reduce-l2.ts';
import { reduceMean } from '../reductions/reduce-mean.ts';
import { reduceSumSquare } from '../reductions/reduce-sum-square.ts';
import { topK } from '../tokens/top-k.ts';
import { dct } from './dct.ts';
import { dft } from './dft.ts';
import { dwt } from './dwt.ts';
import { idwt } from './idwt.ts';
import { spectralFilter } from './spectral-filter.ts';

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const numbers = (length: number, of: (i: number) => number): Float32Array =>
  Float32Array.from({ length }, (_, i) => of(i));

/** The spectrum of real numbers along axes from the front on, half of the last one, complex. */
function spectrum(s: Sketch, x: string, shape: readonly number[], axes: readonly number[]): string {
  let z = s.first(dft, { input: s.reshaped(x, ...shape, 1) }, { axis: axes.at(-1)!, onesided: 1 });
  for (const axis of axes.slice(0, -1)) z = s.first(dft, { input: z }, { axis });
  return z;
}

describe.skipIf(testProfile.compileOnly)('mechanisms in the spectrum', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  /** Results on the device, which are those in f64. */
  async function run(
    sketched: Sketched,
    data: Readonly<Record<string, ValueData>>,
  ): Promise<readonly Float32Array[]> {
    const got = await sketched.onDevice(opened.device, data);
    const want = sketched.meant(meanings, data);
    got.forEach((each, i) => expect(relativeError(each, want[i]!)).toBeLessThan(5e-6));
    return got;
  }

  test.each([[[14, 14, 2]], [[5, 6, 7, 2]]])(
    'a spectral filter of %j is a circular convolution, ones change nothing, bands add up',
    async (shape) => {
      const axes = shape.slice(0, -1).map((_, axis) => axis);
      const half = shape.with(axes.length - 1, Math.floor(shape[axes.length - 1]! / 2) + 1);
      const s = sketch();
      const [x, f] = [s.input('x', shape), s.input('f', shape)];
      const [ones, low, high] = ['ones', 'low', 'high'].map((name) => s.input(name, [...half, 2]));
      const filtered = (W: string): string => s.first(spectralFilter, { x, W }, { axes });
      const sketched = s.finish(
        filtered(spectrum(s, f, shape, axes)),
        filtered(ones!),
        s.first(add, { A: filtered(low!), B: filtered(high!) }),
      );
      const kept = numbers(2 * count(half), (i) => (i % 2 === 0 && i % 5 < 2 ? 1 : 0));
      const data = {
        x: drawnNumbers(1, count(shape)),
        f: drawnNumbers(2, count(shape), 0.2),
        ones: numbers(2 * count(half), (i) => (i % 2 === 0 ? 1 : 0)),
        low: kept,
        high: kept.map((value, i) => (i % 2 === 0 ? 1 - value : 0)),
      };
      const [y, same, sum] = await run(sketched, data);
      expect(relativeError(same!, data.x)).toBeLessThan(2e-6);
      expect(relativeError(sum!, data.x)).toBeLessThan(2e-6);
      const strides = shape.map((_, axis) => count(shape.slice(axis + 1)));
      const places = Array.from({ length: count(shape) }, (_, at) =>
        shape.map((size, axis) => Math.floor(at / strides[axis]!) % size),
      );
      const channel = axes.length;
      const want = places.map((place) =>
        places.reduce((total, other, at) => {
          if (other[channel] !== place[channel]) return total;
          const source = shape.reduce((from, size, axis) => {
            const back = axis === channel ? place[axis]! : (place[axis]! - other[axis]! + size) % size;
            return from + back * strides[axis]!;
          }, 0);
          return total + data.f[at]! * data.x[source]!;
        }, 0),
      );
      expect(relativeError(y!, want)).toBeLessThan(5e-6);
    },
  );

  test('one cosine transform there and one back, the low modes in between (Transform Once)', async () => {
    const [tokens, modes, channels] = [40, 10, 4];
    const s = sketch();
    const x = s.input('x', [2, tokens, channels]);
    const [A, zeros] = [s.input('A', [channels, channels]), s.input('zeros', [2, tokens - modes, channels])];
    const kept = s.cut(s.first(dct, { x }, { axis: 1, norm: 'ortho' }), 1, 0, modes);
    const back = (low: string): string =>
      s.first(dct, { x: s.joined(1, low, zeros) }, { axis: 1, norm: 'ortho', inverse: 1 });
    const network = s.first(tanh, { X: s.first(matMul, { A: kept, B: A }) });
    const sketched = s.finish(back(kept), back(network));
    const mode = (k: number, at: number): number =>
      Math.cos((Math.PI * k * (2 * (Math.floor(at / channels) % tokens) + 1)) / (2 * tokens));
    const length = 2 * tokens * channels;
    const [y] = await run(sketched, {
      A: drawnNumbers(3, channels ** 2),
      zeros: new Float32Array(2 * (tokens - modes) * channels),
      x: numbers(length, (at) => mode(3, at) + mode(25, at)),
    });
    expect(
      relativeError(
        y!,
        numbers(length, (at) => mode(3, at)),
      ),
    ).toBeLessThan(5e-6);
    // However many layers there are in between.
    const kernels = sketched.compiled(opened.device).calls.map(({ program }) => program.kernel);
    expect(kernels.filter((kernel) => kernel === 'fft').length).toBe(3);
  });

  test('a sequence shortened by its cosine transform keeps what is band-limited (Fourier Transformer)', async () => {
    const [tokens, fewer, channels] = [60, 17, 3];
    const s = sketch();
    const [x, scale] = [s.input('x', [1, tokens, channels]), s.input('scale', [1])];
    const modes = s.cut(s.first(dct, { x }, { axis: 1, norm: 'ortho' }), 1, 0, fewer);
    const short = s.first(dct, { x: modes }, { axis: 1, norm: 'ortho', inverse: 1 });
    const sketched = s.finish(s.first(mul, { A: short, B: scale }));
    const wave = (length: number): Float32Array =>
      numbers(length * channels, (at) => {
        const [place, channel] = [Math.floor(at / channels), at % channels];
        const angle = (k: number): number => (Math.PI * k * (2 * place + 1)) / (2 * length);
        return 1 + channel * Math.cos(angle(2)) - 0.5 * Math.cos(angle(16));
      });
    const [y] = await run(sketched, { x: wave(tokens), scale: Float32Array.of(Math.sqrt(fewer / tokens)) });
    expect(relativeError(y!, wave(fewer))).toBeLessThan(2e-6);
  });

  test.each([20, 21])(
    'attention among wavelet coefficients of %i tokens, with learned orthogonal filters (WavSpA)',
    async (tokens) => {
      const channels = 6;
      const s = sketch();
      const x = s.input('x', [2, tokens, channels]);
      const [lowpass, highpass, lowback, highback] = ['lowpass', 'highpass', 'lowback', 'highback'].map(
        (name) => s.input(name, [4]),
      );
      const { low, high } = s.node(dwt, { x: s.turned(x, 0, 2, 1), lowpass, highpass });
      const together = (a: string, b: string): string =>
        s.turned(
          s.cut(s.first(idwt, { low: a, high: b, lowpass: lowback, highpass: highback }), 2, 0, tokens),
          0,
          2,
          1,
        );
      const attended = (part: string): string => {
        const rows = s.turned(part, 0, 2, 1);
        const heads = { q_num_heads: 2, kv_num_heads: 2, feature_map: 'elu1' };
        return s.turned(s.first(kernelAttention, { Q: rows, K: rows, V: rows }, heads), 0, 2, 1);
      };
      const sketched = s.finish(together(low!, high!), together(attended(low!), attended(high!)));
      // Any angle makes an orthogonal pair (Pollen 1990).
      const [c, d] = [Math.cos(0.7), Math.sin(0.7)];
      const h = [1 - c + d, 1 + c + d, 1 + c - d, 1 - c - d].map((tap) => tap / (2 * Math.SQRT2));
      const data = {
        x: drawnNumbers(5, 2 * tokens * channels),
        lowpass: Float32Array.from(h.toReversed()),
        highpass: Float32Array.from(h, (tap, j) => (j % 2 === 0 ? -tap : tap)),
        lowback: Float32Array.from(h),
        highback: Float32Array.from(h.toReversed(), (tap, j) => (j % 2 === 0 ? tap : -tap)),
      };
      const [same, mixed] = await run(sketched, data);
      expect(relativeError(same!, data.x)).toBeLessThan(1e-6);
      expect(mixed!.length).toBe(2 * tokens * channels);
    },
  );

  test('lifting: any prediction and any update are undone (WavSpA)', async () => {
    const [pairs, channels] = [9, 5];
    const s = sketch();
    const x = s.input('x', [2, 2 * pairs, channels]);
    const [P, U] = [s.input('P', [channels, channels]), s.input('U', [channels, channels])];
    const learned = (of: string, by: string): string =>
      s.first(tanh, { X: s.first(matMul, { A: of, B: by }) });
    const parts = s.reshaped(x, 2, pairs, 2, channels);
    const part = (i: number): string => s.reshaped(s.cut(parts, 2, i, i + 1), 2, pairs, channels);
    const detail = s.first(sub, { A: part(1), B: learned(part(0), P) });
    const smooth = s.first(add, { A: part(0), B: learned(detail, U) });
    const even = s.first(sub, { A: smooth, B: learned(detail, U) });
    const odd = s.first(add, { A: detail, B: learned(even, P) });
    const apart = (of: string): string => s.reshaped(of, 2, pairs, 1, channels);
    const sketched = s.finish(s.reshaped(s.joined(2, apart(even), apart(odd)), 2, 2 * pairs, channels));
    const data = {
      x: drawnNumbers(6, 4 * pairs * channels),
      P: drawnNumbers(7, channels ** 2),
      U: drawnNumbers(8, channels ** 2),
    };
    const [y] = await run(sketched, data);
    expect(relativeError(y!, data.x)).toBeLessThan(1e-6);
  });

  test('a convolution of a grid by a separable filter is one along each axis (Hyena of several dimensions)', async () => {
    const [height, width, channels] = [20, 37, 3];
    const s = sketch();
    const shape = [1, height, width, channels];
    const [q, k, v] = ['q', 'k', 'v'].map((name) => s.input(name, shape)) as [string, string, string];
    const [down, across] = [s.input('down', [height, channels]), s.input('across', [width, channels])];
    const h = s.first(mul, {
      A: s.reshaped(down, height, 1, channels),
      B: s.reshaped(across, 1, width, channels),
    });
    const x = s.first(mul, { A: k, B: v });
    const whole = s.first(longConvolution2d, { x, h });
    const rows = s.first(longConvolution, { x: s.reshaped(x, height, width, channels), h: across });
    const turned = s.turned(rows, 1, 0, 2);
    const both = s.turned(s.first(longConvolution, { x: turned, h: down }), 1, 0, 2);
    const gated = (of: string): string => s.first(mul, { A: q, B: s.reshaped(of, ...shape) });
    const sketched = s.finish(gated(whole), gated(both));
    const data = {
      ...Object.fromEntries(['q', 'k', 'v'].map((name, i) => [name, drawnNumbers(i + 9, count(shape))])),
      down: drawnNumbers(12, height * channels),
      across: drawnNumbers(13, width * channels),
    };
    const [one, two] = await run(sketched, data);
    expect(relativeError(one!, two!)).toBeLessThan(5e-6);
  });

  test('learned weights by distance and a gate (extractors): a prefix gives the same as part of the whole', async () => {
    const [tokens, prefix, channels] = [180, 120, 4];
    const made = (length: number): Sketched => {
      const s = sketch();
      const [x, h] = [s.input('x', [1, length, channels]), s.input('h', [tokens, channels])];
      const [A, b] = [s.input('A', [channels, channels]), s.input('b', [channels])];
      const adjusted = s.first(add, { A: s.first(matMul, { A: x, B: A }), B: b });
      return s.finish(s.first(mul, { A: s.first(longConvolution, { x, h }), B: adjusted }));
    };
    const x = drawnNumbers(14, tokens * channels);
    const data = {
      h: drawnNumbers(15, tokens * channels, 0.3),
      A: drawnNumbers(16, channels ** 2),
      b: drawnNumbers(17, channels),
    };
    const [whole] = await run(made(tokens), { ...data, x });
    const [part] = await run(made(prefix), { ...data, x: x.subarray(0, prefix * channels) });
    expect(relativeError(part!, whole!.subarray(0, prefix * channels))).toBeLessThan(5e-6);
  });

  test('exponential smoothing by transforms is that by a scan (ETSformer)', async () => {
    const [tokens, channels] = [300, 3];
    const rates = [0.05, 0.3, 0.7];
    const s = sketch();
    const shape = [1, tokens, channels];
    const [v, a, h, rate] = [
      s.input('v', shape),
      s.input('a', shape),
      s.input('h', [tokens, channels]),
      s.input('rate', [channels]),
    ];
    const b = s.first(mul, { A: v, B: rate });
    const sketched = s.finish(s.first(longConvolution, { x: v, h }), s.first(gatedScan, { a, b }));
    const data = {
      v: drawnNumbers(18, tokens * channels),
      a: numbers(tokens * channels, (at) => 1 - rates[at % channels]!),
      h: numbers(
        tokens * channels,
        (at) => rates[at % channels]! * (1 - rates[at % channels]!) ** Math.floor(at / channels),
      ),
      rate: Float32Array.from(rates),
    };
    const [convolved, scanned] = await run(sketched, data);
    expect(relativeError(convolved!, scanned!)).toBeLessThan(5e-6);
    expect(sketched.compiled(opened.device).calls.map(({ program }) => program.kernel)).toContain('fft');
  });

  test('the largest amplitudes of a sum of sines are at their frequencies (ETSformer, TimesNet)', async () => {
    const [tokens, channels] = [96, 5];
    const s = sketch();
    const x = s.input('x', [2, tokens, channels]);
    const amplitudes = s.first(
      reduceL2,
      { data: spectrum(s, x, [2, tokens, channels], [1]), axes: s.known(3) },
      { keepdims: 0 },
    );
    const means = s.first(reduceMean, { data: amplitudes, axes: s.known(2) }, { keepdims: 0 });
    // Without the mean of the sequence.
    const { Values, Indices } = s.node(topK, { X: s.cut(means, 1, 1, 49), K: s.known(2) });
    const sketched = s.finish(Values!, Indices!);
    const wave = (row: number, token: number): number => {
      const sine = (frequency: number): number => Math.sin((2 * Math.PI * frequency * token) / tokens + row);
      return row === 0 ? 4 + 3 * sine(8) + sine(12) : 2 * sine(5) + sine(32);
    };
    const data = {
      x: numbers(2 * tokens * channels, (at) =>
        wave(Math.floor(at / channels / tokens), Math.floor(at / channels) % tokens),
      ),
    };
    const [, places] = await run(sketched, data);
    expect(Array.from(places!, (place) => Math.round(tokens / (place + 1)))).toEqual([12, 8, 19, 3]);
  });

  test.each([24, 26, 21])(
    'an adaptive spectral block of %i tokens: energies over their median pass a second filter (TSLANet)',
    async (tokens) => {
      const [channels, bins] = [3, Math.floor(tokens / 2) + 1];
      const s = sketch();
      const shape = [2, tokens, channels];
      const x = s.input('x', shape);
      const [W, high, theta, half] = [
        s.input('W', [bins, channels, 2]),
        s.input('high', [bins, channels, 2]),
        s.input('theta', [1]),
        s.input('half', [1]),
      ];
      const z = spectrum(s, x, shape, [1]);
      const energy = s.first(reduceSumSquare, { data: z, axes: s.known(2, 3) }, { keepdims: 0 });
      const { Values } = s.node(topK, { X: energy, K: s.known(Math.floor(bins / 2) + 1) });
      // The one in the middle, or the mean of two.
      const at = (i: number): string => s.cut(Values!, 1, i, i + 1);
      const middle = Math.floor(bins / 2);
      const other = bins % 2 === 1 ? middle : middle - 1;
      const median = s.first(mul, { A: s.first(add, { A: at(middle), B: at(other) }), B: half });
      const above = s.first(greater, { A: s.first(div, { A: energy, B: median }), B: theta });
      const mask = s.reshaped(s.first(cast, { input: above }, { to: 1 }), 2, bins, 1, 1);
      const masked = s.first(
        dft,
        { input: s.first(mul, { A: z, B: mask }), dft_length: s.known(tokens) },
        { axis: 1, inverse: 1, onesided: 1 },
      );
      const filtered = (of: string, by: string): string =>
        s.first(spectralFilter, { x: of, W: by }, { axes: [1] });
      const y = s.first(add, { A: filtered(x, W), B: filtered(s.reshaped(masked, ...shape), high) });
      const sketched = s.finish(y);
      const data = {
        x: drawnNumbers(20, count(shape)),
        theta: Float32Array.of(1.1),
        half: Float32Array.of(0.5),
      };
      const weights = 2 * bins * channels;
      await run(sketched, { ...data, W: drawnNumbers(21, weights), high: drawnNumbers(22, weights) });
      const ones = numbers(weights, (i) => (i % 2 === 0 ? 1 : 0));
      const [same] = await run(sketched, { ...data, W: ones, high: new Float32Array(weights) });
      expect(relativeError(same!, data.x)).toBeLessThan(2e-6);
    },
  );
});
