// Token mixers that are made of several operators, each held against f64 and against what its paper says must be equal.
import { evaluate } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawnNumbers, relativeError, sketch, type Sketch, type Sketched } from '../../oracle/sketch.ts';
import type { ValueData } from '../../executable.ts';
import { meanings } from '../../registry.ts';
import { layerNormalization } from '../normalization/layer-normalization.ts';
import { softmax } from '../normalization/softmax.ts';
import { add } from '../pointwise/add.ts';
import { exp } from '../pointwise/exp.ts';
import { div } from '../pointwise/div.ts';
import { mul } from '../pointwise/mul.ts';
import { sigmoid } from '../pointwise/sigmoid.ts';
import { softplus } from '../pointwise/softplus.ts';
import { sub } from '../pointwise/sub.ts';
import { tanh } from '../pointwise/tanh.ts';
import { matMul } from '../products/mat-mul.ts';
import { reduceSum } from '../reductions/reduce-sum.ts';
import { where } from '../elements/where.ts';
import { attentionFree } from './attention-free.ts';
import { gatedScan } from './gated-scan.ts';
import { gru } from './gru.ts';
import { longConvolution } from './long-convolution.ts';
import { lstm } from './lstm.ts';
import { selectiveScan } from './selective-scan.ts';

type Data = Record<string, ValueData>;

/** The shapes of what is drawn, by name, and the numbers. */
const drawn = (shapes: Readonly<Record<string, readonly number[]>>, scale = 0.5): Data =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape], seed) => [
      name,
      drawnNumbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
        scale,
      ),
    ]),
  );

/** Inputs of fixed shapes. */
const inputsOf = (s: Sketch, shapes: Readonly<Record<string, readonly number[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, s.input(name, shape)]));

describe.skipIf(testProfile.compileOnly)('mixers of several operators', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  /** Results on the device, which are those in f64. */
  async function run(
    sketched: Sketched,
    data: Data,
    sizes: Readonly<Record<string, number>> = {},
    bound = 5e-6,
  ): Promise<readonly Float32Array[]> {
    const got = await sketched.onDevice(opened.device, data, sizes);
    const want = sketched.meant(meanings, data, sizes);
    got.forEach((each, i) => expect(relativeError(each, want[i]!)).toBeLessThan(bound));
    return got;
  }

  test('BiLSTM2D (Sequencer): columns and rows of a grid of any size, with the same weights', async () => {
    const [batch, channels, hidden] = [2, 5, 3];
    const cell = { W: [2, 4 * hidden, channels], R: [2, 4 * hidden, hidden] };
    const weights = {
      columns_W: cell.W,
      columns_R: cell.R,
      rows_W: cell.W,
      rows_R: cell.R,
      mix: [4 * hidden, channels],
    };
    const s = sketch({ height: { min: 1, max: 6 }, width: { min: 1, max: 6 } });
    const x = s.input('x', [batch, 'height', 'width', channels]);
    const w = inputsOf(s, weights);
    const both = { direction: 'bidirectional', layout: 1 };
    const rows = s.node(
      lstm,
      {
        X: s.reshaped(x, s.times(batch, 'height'), 'width', channels),
        W: w['rows_W'],
        R: w['rows_R'],
      },
      both,
    ).Y!;
    const columns = s.node(
      lstm,
      {
        X: s.reshaped(s.turned(x, 0, 2, 1, 3), s.times(batch, 'width'), 'height', channels),
        W: w['columns_W'],
        R: w['columns_R'],
      },
      both,
    ).Y!;
    const across = s.reshaped(rows, batch, 'height', 'width', 2 * hidden);
    const down = s.turned(s.reshaped(columns, batch, 'width', 'height', 2 * hidden), 0, 2, 1, 3);
    const cells = s.times(s.times(batch, 'height'), 'width');
    const joined = s.reshaped(s.joined(3, down, across), cells, 4 * hidden);
    const y = s.first(matMul, { A: joined, B: w['mix'] });
    const sketched = s.finish(y);
    for (const [height, width] of [
      [3, 5],
      [6, 2],
    ] as const) {
      const data = { ...drawn(weights), x: drawnNumbers(9, batch * height * width * channels) };
      const [mixed] = await run(sketched, data, { height, width });
      // A value reaches its own row and its own column, and nothing else.
      const touched = data.x.slice();
      touched[(width + 1) * channels] = 9;
      const [after] = await run(sketched, { ...data, x: touched }, { height, width });
      for (let at = 0; at < batch * height * width; at++) {
        const [row, column] = [Math.floor(at / width) % height, at % width];
        const isReached = at < height * width && (row === 1 || column === 1);
        const [before, now] = [mixed!, after!].map((each) => each.slice(at * channels, (at + 1) * channels));
        if (isReached) expect(now).not.toEqual(before);
        else expect(now).toEqual(before);
      }
    }
  });

  test('SkiM: a sequence frame by frame is the whole sequence', async () => {
    const [segments, frames, size] = [3, 4, 6];
    const matrix = [1, 4 * size, size];
    const names = ['first', 'hidden', 'cell', 'second'];
    const weights = Object.fromEntries(
      names.flatMap((name) => [
        [`${name}_W`, matrix],
        [`${name}_R`, matrix],
      ]),
    );
    const norm = { gain: [size], shift: [size] };
    const cellOf = (w: Record<string, string>, name: string) => ({ W: w[`${name}_W`]!, R: w[`${name}_R`]! });
    /** Of states after segments `[1, count, size]`: those that seed the next ones, and the memory of what made them. */
    const memory = (
      s: Sketch,
      w: Record<string, string>,
      name: string,
      states: string,
      count: number,
      before: { initial_h?: string; initial_c?: string } = {},
    ) => {
      const X = s.reshaped(states, count, 1, size);
      const { Y, Y_h, Y_c } = s.node(lstm, { X, ...cellOf(w, name), ...before });
      const normal = s.first(layerNormalization, {
        X: s.reshaped(Y!, 1, count, size),
        Scale: w['gain'],
        B: w['shift'],
      });
      return { seeds: s.first(add, { A: states, B: normal }), after: [Y_h!, Y_c!] };
    };

    const w = sketch();
    const at = inputsOf(w, { x: [frames, segments, size], none: [1, 1, size], ...weights, ...norm });
    const first = w.node(lstm, { X: at['x'], ...cellOf(at, 'first') });
    const seed = (name: string, state: string): string =>
      w.joined(1, at['none']!, w.cut(memory(w, at, name, state, segments).seeds, 1, 0, segments - 1));
    const whole = w.node(lstm, {
      X: w.reshaped(first.Y!, frames, segments, size),
      ...cellOf(at, 'second'),
      initial_h: seed('hidden', first.Y_h!),
      initial_c: seed('cell', first.Y_c!),
    }).Y!;
    const data = {
      ...drawn({ ...weights, ...norm }, 1.5),
      none: new Float32Array(size),
      x: drawnNumbers(20, frames * segments * size),
    };
    const [offline] = await run(w.finish(whole), data);

    // One frame, and what happens between two segments.
    const state = [1, 1, size];
    const f = sketch();
    const of = inputsOf(f, { x: [1, 1, size], h1: state, c1: state, h2: state, c2: state, ...weights });
    const one = f.node(lstm, {
      X: of['x'],
      ...cellOf(of, 'first'),
      initial_h: of['h1'],
      initial_c: of['c1'],
    });
    const two = f.node(lstm, {
      X: f.reshaped(one.Y!, 1, 1, size),
      ...cellOf(of, 'second'),
      initial_h: of['h2'],
      initial_c: of['c2'],
    });
    const frame = f.finish(two.Y!, one.Y_h!, one.Y_c!, two.Y_h!, two.Y_c!);
    const m = sketch();
    const between = inputsOf(m, {
      h: state,
      c: state,
      hh: state,
      hc: state,
      ch: state,
      cc: state,
      ...weights,
      ...norm,
    });
    const ofHidden = memory(m, between, 'hidden', between['h']!, 1, {
      initial_h: between['hh']!,
      initial_c: between['hc']!,
    });
    const ofCell = memory(m, between, 'cell', between['c']!, 1, {
      initial_h: between['ch']!,
      initial_c: between['cc']!,
    });
    const next = m.finish(ofHidden.seeds, ofCell.seeds, ...ofHidden.after, ...ofCell.after);

    const zeros = (): Float32Array => new Float32Array(size);
    let [h2, c2] = [zeros(), zeros()];
    let kept: readonly Float32Array[] = [zeros(), zeros(), zeros(), zeros()];
    const streamed = new Float32Array(offline!.length);
    for (let segment = 0; segment < segments; segment++) {
      let [h1, c1] = [zeros(), zeros()];
      for (let i = 0; i < frames; i++) {
        const place = (i * segments + segment) * size;
        const x = data.x.slice(place, place + size);
        const [y, ...states] = await run(frame, { ...data, x, h1, c1, h2, c2 });
        [h1, c1, h2, c2] = states as [Float32Array, Float32Array, Float32Array, Float32Array];
        streamed.set(y!, place);
      }
      const [hh, hc, ch, cc] = kept;
      const [h, c, ...after] = await run(next, { ...data, h: h1, c: c1, hh: hh!, hc: hc!, ch: ch!, cc: cc! });
      [h2, c2, kept] = [h!, c!, after];
    }
    expect(relativeError(streamed, offline!)).toBeLessThan(5e-6);
  });

  test('LAMA: heads of full rank are bilinear forms of a context and the states of a bi-GRU, linear in tokens', async () => {
    const [width, hidden, context, heads] = [4, 3, 5, 2];
    const size = 2 * hidden;
    const shapes = {
      W: [2, 3 * hidden, width],
      R: [2, 3 * hidden, hidden],
      context: [1, context],
      P: [context, heads * size],
      Q: [size, heads * size],
    };
    const build = (tokens: number) => {
      const s = sketch();
      const x = s.input('x', [tokens, 1, width]);
      const at = inputsOf(s, shapes);
      const { Y } = s.node(gru, { X: x, W: at['W'], R: at['R'] }, { direction: 'bidirectional' });
      const states = s.reshaped(Y!, tokens, size);
      const U = s.first(mul, {
        A: s.first(matMul, { A: states, B: at['Q'] }),
        B: s.first(matMul, { A: at['context'], B: at['P'] }),
      });
      const scores = s.first(
        reduceSum,
        { data: s.reshaped(U, tokens, heads, size), axes: s.known(2) },
        { keepdims: 0 },
      );
      const weights = s.first(softmax, { input: scores }, { axis: 0 });
      const sentence = s.first(matMul, { A: s.turned(weights, 1, 0), B: states });
      return s.finish(sentence, scores, states);
    };
    const tokens = 11;
    const P = drawnNumbers(30, context * heads * size);
    // Q says which entry of a state meets which column of P.
    const Q = Float32Array.from({ length: size * heads * size }, (_, i) =>
      Math.floor(i / (heads * size)) === i % size ? 1 : 0,
    );
    const drawnToo = drawn(shapes);
    const data = { ...drawnToo, P, Q, x: drawnNumbers(31, tokens * width) };
    const [sentence, scores, states] = (await run(build(tokens), data)) as Float32Array[];
    const c = drawnToo['context'] as Float32Array;
    const bilinear = Array.from({ length: tokens * heads }, (_, i) => {
      const [token, head] = [Math.floor(i / heads), i % heads];
      let sum = 0;
      for (let a = 0; a < context; a++)
        for (let b = 0; b < size; b++)
          sum += c[a]! * P[a * heads * size + head * size + b]! * states![token * size + b]!;
      return sum;
    });
    expect(relativeError(scores!, bilinear)).toBeLessThan(5e-6);
    const pooled = Array.from({ length: heads * size }, (_, i) => {
      const [head, b] = [Math.floor(i / size), i % size];
      const weights = Array.from({ length: tokens }, (_, token) => Math.exp(bilinear[token * heads + head]!));
      const all = weights.reduce((sum, each) => sum + each, 0);
      return weights.reduce((sum, each, token) => sum + (each / all) * states![token * size + b]!, 0);
    });
    expect(relativeError(sentence!, pooled)).toBeLessThan(5e-6);
    const flops = (count: number): number =>
      build(count)
        .compiled(opened.device)
        .calls.reduce((sum, call) => sum + evaluate(call.flops, {}), 0);
    expect(flops(64)).toBeLessThanOrEqual(2 * flops(32));
  });

  test('QRNN: windows, gates and a scan; whole = parts = token by token = the loop', async () => {
    const [batch, width, hidden, taps] = [2, 4, 6, 3];
    const shapes = { W: [taps * width, 3 * hidden], past: [batch, taps - 1, width], c: [batch, hidden] };
    const s = sketch({ tokens: { min: 1, max: 20 } });
    const x = s.input('x', [batch, 'tokens', width]);
    const at = inputsOf(s, shapes);
    const all = s.joined(1, at['past']!, x);
    const windows = s.joined(
      2,
      ...Array.from({ length: taps }, (_, tap) => s.cut(all, 1, tap, s.plus('tokens', tap))),
    );
    const gates = s.first(matMul, { A: windows, B: at['W'] });
    const gate = (i: number): string => s.cut(gates, 2, i * hidden, (i + 1) * hidden);
    const z = s.first(tanh, { X: gate(0) });
    const [f, o] = [1, 2].map((i) => s.first(sigmoid, { X: gate(i) })) as [string, string];
    const kept = s.first(mul, { A: f, B: z });
    const { h: cells, final } = s.node(gatedScan, {
      a: f,
      b: s.first(sub, { A: z, B: kept }),
      initial: at['c'],
    });
    const y = s.first(mul, { A: o, B: cells! });
    const sketched = s.finish(y, final!, s.cut(all, 1, 'tokens', s.plus('tokens', taps - 1)));
    const tokens = 17;
    const weights = drawn(shapes);
    const data = {
      ...weights,
      past: new Float32Array(batch * (taps - 1) * width),
      c: new Float32Array(batch * hidden),
    };
    const whole = drawnNumbers(40, batch * tokens * width);
    const part = (from: number, to: number): Float32Array =>
      Float32Array.from({ length: batch * (to - from) * width }, (_, i) => {
        const count = (to - from) * width;
        return whole[(Math.floor(i / count) * tokens + from) * width + (i % count)]!;
      });
    const [offline] = (await run(sketched, { ...data, x: whole }, { tokens })) as [Float32Array];
    const W = weights['W'] as Float32Array;
    const loop = new Float64Array(batch * tokens * hidden);
    for (let row = 0; row < batch; row++) {
      const c = new Float64Array(hidden);
      for (let t = 0; t < tokens; t++)
        for (let unit = 0; unit < hidden; unit++) {
          const sum = (gate: number): number => {
            let all = 0;
            for (let tap = 0; tap < taps; tap++)
              for (let i = 0; i < width; i++) {
                const token = t - taps + 1 + tap;
                if (token >= 0)
                  all +=
                    whole[(row * tokens + token) * width + i]! *
                    W[(tap * width + i) * 3 * hidden + gate * hidden + unit]!;
              }
            return all;
          };
          const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
          const forget = logistic(sum(1));
          c[unit] = forget * c[unit]! + (1 - forget) * Math.tanh(sum(0));
          loop[(row * tokens + t) * hidden + unit] = logistic(sum(2)) * c[unit]!;
        }
    }
    expect(relativeError(offline, loop)).toBeLessThan(5e-6);
    for (const parts of [[5, 12], Array.from({ length: tokens }, () => 1)]) {
      let [from, past, c] = [0, data.past, data.c];
      const rows: number[][] = Array.from({ length: batch }, () => []);
      for (const count of parts) {
        const [got, after, last] = (await run(
          sketched,
          { ...data, past, c, x: part(from, from + count) },
          { tokens: count },
        )) as [Float32Array, Float32Array, Float32Array];
        rows.forEach((row, b) => row.push(...got.slice(b * count * hidden, (b + 1) * count * hidden)));
        [from, past, c] = [from + count, last as typeof past, after as typeof c];
      }
      expect(relativeError(rows.flat(), offline)).toBeLessThan(5e-6);
    }
  });

  test.each([13, 4])(
    'AFT by convolution, filters of %i to either side, is AFT with biases by distance',
    async (reach) => {
      const [tokens, channels] = [13, 5];
      const shapes = { q: [1, tokens, channels], k: [1, tokens, channels], v: [1, tokens, channels] };
      const s = sketch();
      const at = inputsOf(s, { ...shapes, filter: [2 * reach - 1, channels], w: [tokens, tokens] });
      const keys = s.first(exp, { X: at['k'] });
      const sums = (values: string): string => {
        const near = s.first(longConvolution, { x: values, h: at['filter'] }, { bidirectional: 1 });
        const all = s.first(reduceSum, { data: values, axes: s.known(1) });
        return s.first(add, { A: near, B: all });
      };
      const ratio = s.first(div, { A: sums(s.first(mul, { A: keys, B: at['v'] })), B: sums(keys) });
      const y = s.first(mul, { A: s.first(sigmoid, { X: at['q'] }), B: ratio });
      const full = s.first(
        attentionFree,
        { q: at['q'], k: at['k'], v: at['v'], w: at['w'] },
        { window: reach },
      );
      // w depends on t − s; beyond the reach of the filter it is 0.
      const bias = (distance: number): number => Math.sin(2 * distance) + 0.3;
      const data = {
        ...drawn(shapes),
        filter: Float32Array.from(
          { length: (2 * reach - 1) * channels },
          (_, i) => Math.exp(bias(Math.floor(i / channels) - reach + 1)) - 1,
        ),
        w: Float32Array.from({ length: tokens * tokens }, (_, i) =>
          bias(Math.floor(i / tokens) - (i % tokens)),
        ),
      };
      const [convolved, direct] = await run(s.finish(y, full), data);
      expect(relativeError(convolved!, direct!)).toBeLessThan(5e-6);
    },
  );

  const [states, groups] = [3, 1];
  const scanInputs = (at: Record<string, string>, x: string, delta: string, B: string, C: string) => ({
    x,
    delta,
    A: at['A']!,
    B,
    C,
  });

  /** A selective scan in f64 over vectors of channels, in an order of places. */
  function scanned(
    order: readonly number[],
    at: (name: 'x' | 'delta' | 'B' | 'C', place: number) => ArrayLike<number>,
    A: ArrayLike<number>,
    channels: number,
  ): Map<number, number[]> {
    const state = new Float64Array(channels * states);
    const y = new Map<number, number[]>();
    for (const place of order) {
      const [x, delta, B, C] = (['x', 'delta', 'B', 'C'] as const).map((name) => at(name, place)) as [
        ArrayLike<number>,
        ArrayLike<number>,
        ArrayLike<number>,
        ArrayLike<number>,
      ];
      y.set(
        place,
        Array.from({ length: channels }, (_, channel) => {
          let sum = 0;
          for (let n = 0; n < states; n++) {
            const i = channel * states + n;
            state[i] = Math.exp(delta[channel]! * A[i]!) * state[i]! + delta[channel]! * x[channel]! * B[n]!;
            sum += state[i] * C[n]!;
          }
          return sum;
        }),
      );
    }
    return y;
  }

  test('a cross-scan of a grid is four scans of it: rows and columns, there and back', async () => {
    const [batch, height, width, channels] = [2, 3, 4, 5];
    const cells = height * width;
    const shapes = {
      x: [batch, height, width, channels],
      delta: [batch, height, width, channels],
      B: [batch, height, width, states],
      C: [batch, height, width, states],
      A: [channels, states],
    };
    const s = sketch();
    const at = inputsOf(s, shapes);
    const names = ['x', 'delta', 'B', 'C'] as const;
    const route = (isDown: boolean, reverse: number): string => {
      const [x, delta, B, C] = names.map((name) => {
        const grid = isDown ? s.turned(at[name]!, 0, 2, 1, 3) : at[name]!;
        return s.reshaped(grid, batch, cells, shapes[name][3]!);
      }) as [string, string, string, string];
      const y = s.first(selectiveScan, scanInputs(at, x, delta, B, C), { reverse, groups });
      return isDown
        ? s.turned(s.reshaped(y, batch, width, height, channels), 0, 2, 1, 3)
        : s.reshaped(y, batch, height, width, channels);
    };
    const y = [route(false, 0), route(false, 1), route(true, 0), route(true, 1)].reduce((A, B) =>
      s.first(add, { A, B }),
    );
    const data = drawn(shapes);
    data['delta'] = (data['delta'] as Float32Array).map(Math.abs);
    data['A'] = (data['A'] as Float32Array).map((value) => -Math.abs(value));
    const [got] = await run(s.finish(y), data);
    const want = new Float64Array(batch * cells * channels);
    const byRows = Array.from({ length: cells }, (_, i) => i);
    const byColumns = byRows.map((i) => (i % height) * width + Math.floor(i / height));
    for (let row = 0; row < batch; row++)
      for (const order of [byRows, byRows.toReversed(), byColumns, byColumns.toReversed()]) {
        const result = scanned(
          order,
          (name, place) => {
            const size = shapes[name][3]!;
            const from = (row * cells + place) * size;
            return (data[name] as Float32Array).subarray(from, from + size);
          },
          data['A'] as Float32Array,
          channels,
        );
        for (const [place, values] of result)
          values.forEach((value, i) => (want[(row * cells + place) * channels + i]! += value));
      }
    expect(relativeError(got!, want)).toBeLessThan(5e-6);
  });

  test('a scan over channels (MambaMixer), both ways, is that of the rows turned into columns', async () => {
    const [batch, tokens, channels] = [2, 5, 7];
    const shapes = {
      x: [batch, tokens, channels],
      delta: [batch, tokens, channels],
      B: [batch, channels, states],
      C: [batch, channels, states],
      A: [tokens, states],
    };
    const s = sketch();
    const at = inputsOf(s, shapes);
    const [x, delta] = [at['x']!, at['delta']!].map((each) => s.turned(each, 0, 2, 1)) as [string, string];
    const [forth, back] = [0, 1].map((reverse) =>
      s.first(selectiveScan, scanInputs(at, x, delta, at['B']!, at['C']!), { reverse }),
    ) as [string, string];
    const y = s.turned(s.first(add, { A: forth, B: back }), 0, 2, 1);
    // Each block reads an average of what came before it, which a weight of one alone makes that one.
    const chosen = s.first(add, {
      A: s.first(mul, { A: y, B: s.input('first', [1]) }),
      B: s.first(mul, { A: at['x']!, B: s.input('second', [1]) }),
    });
    const data: Data = { ...drawn(shapes), first: Float32Array.of(1), second: Float32Array.of(0) };
    data['delta'] = (data['delta'] as Float32Array).map(Math.abs);
    data['A'] = (data['A'] as Float32Array).map((value) => -Math.abs(value));
    const [got, averaged] = await run(s.finish(y, chosen), data);
    expect(averaged).toEqual(got);
    const want = new Float64Array(batch * tokens * channels);
    const order = Array.from({ length: channels }, (_, i) => i);
    for (let row = 0; row < batch; row++)
      for (const way of [order, order.toReversed()]) {
        const result = scanned(
          way,
          (name, channel) => {
            const values = data[name] as Float32Array;
            if (name === 'B' || name === 'C')
              return values.subarray(
                (row * channels + channel) * states,
                (row * channels + channel + 1) * states,
              );
            return Array.from({ length: tokens }, (_, t) => values[(row * tokens + t) * channels + channel]!);
          },
          data['A'] as Float32Array,
          tokens,
        );
        for (const [channel, values] of result)
          values.forEach((value, t) => (want[(row * tokens + t) * channels + channel]! += value));
      }
    expect(relativeError(got!, want)).toBeLessThan(5e-6);
  });

  test('BiMamba: two scans summed, of which padding changes nothing', async () => {
    const [batch, tokens, channels] = [2, 9, 6];
    const lengths = [9, 5];
    const build = (isPadded: boolean) => {
      const s = sketch({ tokens: { min: 1, max: tokens } });
      const rows = isPadded ? batch : 1;
      const shape = (size: number) => [rows, 'tokens', size] as const;
      const input = (name: string, size: number): string => s.input(name, shape(size));
      const [x, delta, B, C] = [
        input('x', channels),
        input('delta', channels),
        input('B', states),
        input('C', states),
      ];
      const at = inputsOf(s, { A: [channels, states] });
      let [values, steps] = [x, s.first(softplus, { X: delta })];
      let [ins, outs] = [B, C];
      if (isPadded) {
        // A step of 0 keeps the state, so the way back begins at a row's own last token.
        const valid = s.input('valid', [rows, 'tokens', 1], 'u32');
        const none = s.input('none', [1]);
        [values, steps, ins, outs] = [values, steps, ins, outs].map((X) =>
          s.first(where, { condition: valid, X, Y: none }),
        ) as [string, string, string, string];
      }
      const [forth, back] = [0, 1].map((reverse) =>
        s.first(selectiveScan, scanInputs(at, values, steps, ins, outs), { reverse }),
      ) as [string, string];
      return s.finish(s.first(add, { A: forth, B: back }));
    };
    const shapes = {
      x: [batch, tokens, channels],
      delta: [batch, tokens, channels],
      B: [batch, tokens, states],
      C: [batch, tokens, states],
      A: [channels, states],
    };
    const data = drawn(shapes, 1);
    data['A'] = (data['A'] as Float32Array).map((value) => -Math.abs(value));
    const valid = Uint32Array.from({ length: batch * tokens }, (_, i) =>
      i % tokens < lengths[Math.floor(i / tokens)]! ? 1 : 0,
    );
    const padded = build(true);
    const [y] = await run(padded, { ...data, valid, none: Float32Array.of(0) }, { tokens });
    const spoiled = Object.fromEntries(
      Object.entries(data).map(([name, values]) => {
        const width = (values as Float32Array).length / (batch * tokens);
        return [
          name,
          name === 'A'
            ? values
            : (values as Float32Array).map((value, i) => (valid[Math.floor(i / width)] ? value : NaN)),
        ];
      }),
    );
    const [again] = await padded.onDevice(
      opened.device,
      { ...spoiled, valid, none: Float32Array.of(0) },
      { tokens },
    );
    expect(again).toEqual(y);
    const alone = build(false);
    for (const [row, length] of lengths.entries()) {
      const own = Object.fromEntries(
        Object.entries(data).map(([name, values]) => {
          const width = (values as Float32Array).length / (batch * tokens);
          const from = row * tokens * width;
          return [name, name === 'A' ? values : values.slice(from, from + length * width)];
        }),
      );
      const [want] = await run(alone, own, { tokens: length });
      const from = row * tokens * channels;
      expect(relativeError(y!.slice(from, from + length * channels), want!)).toBeLessThan(5e-6);
    }
  });
});
