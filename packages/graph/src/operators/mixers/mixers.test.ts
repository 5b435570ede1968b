// Recurrent operators as nodes of a graph with states: whole, token by token and in parts are the same, in every form that the kernel
// has, and what f64 says. Their published vectors are run by `npm run conformance`.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../../oracle/run-node.ts';
import { mixers } from '../../oracle/mixer-cases.ts';
import { causalConvWithState } from './causal-conv-with-state.ts';
import { type MixerCase, type MixerResult, mixerRun } from '../../oracle/run-in-parts.ts';
import { meanings } from '../../registry.ts';

/** Errors of f32 as a fraction of the largest value. */
function expectSame(got: MixerResult, want: MixerResult, tolerance: number): void {
  for (const [role, numbers] of Object.entries(want)) {
    const values = Array.from(numbers);
    const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const worst = values.reduce(
      (largest, value, i) => Math.max(largest, Math.abs(got[role]![i]! - value)),
      0,
    );
    expect(got[role]!.length).toBe(values.length);
    expect([role, worst <= tolerance * most || worst]).toEqual([role, true]);
  }
}

describe.skipIf(testProfile.compileOnly)('states between steps', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const forms = Object.entries(mixers).flatMap(([name, [mixer, ...variants]]) =>
    variants.map((variant) => [name, variant, mixer] as const),
  );
  test.each(forms)('%s, %s: whole = part + part = step by step', async (_, variant, mixer) => {
    const { meant, onDevice } = mixerRun(mixer, meanings);
    const want = meant();
    const { tokens } = mixer;
    for (const parts of [[tokens], [tokens - 15, 3, 12], Array.from({ length: tokens }, () => 1)])
      expectSame(await onDevice(opened.device, parts, variant), want, 1e-5);
  });

  // What lies in a step of each of four sequences: chunks end within them and at their ends, and some are empty.
  const steps = (tokens: number): number[][] => [
    [0, 32, 0, tokens],
    [tokens - 20, 1, 16, 0],
    [20, tokens - 33, tokens - 16, 0],
  ];
  const isPackable = ({ operator }: MixerCase): boolean =>
    operator.inputs.some(({ name }) => name === 'sequences');
  const packable = forms.filter(([, , mixer]) => isPackable(mixer));

  test('all but dense state spaces and recurrent cells take packed sequences', () => {
    expect(Object.keys(mixers).filter((name) => !isPackable(mixers[name]![0]))).toEqual([
      'LinearStateSpace',
      'LSTM',
      'GRU',
      'RNN',
    ]);
  });

  test.each(packable)('%s, %s: packed = each alone, and none sees another', async (_, variant, mixer) => {
    const { meant, onDevice } = mixerRun({ ...mixer, batch: 4, packed: true }, meanings);
    const parts = steps(mixer.tokens);
    const got = await onDevice(opened.device, parts, variant);
    expectSame(got, meant(), 1e-5);
    const disturbed = await onDevice(opened.device, parts, variant, 1);
    for (const [role, numbers] of Object.entries(got)) {
      const [before, after] = [Array.from(numbers), Array.from(disturbed[role]!)];
      const length = before.length / 4;
      for (const row of [0, 2, 3])
        expect([role, row, after.slice(row * length, (row + 1) * length)]).toEqual([
          role,
          row,
          before.slice(row * length, (row + 1) * length),
        ]);
      expect(after.slice(length, 2 * length)).not.toEqual(before.slice(length, 2 * length));
    }
  });

  test('backwards, packed = each alone', async () => {
    for (const [mixer, ...variants] of [mixers.GatedScan!, mixers.SelectiveScan!, mixers.MatrixLstm!])
      for (const variant of variants) {
        const { tokens } = mixer;
        const { meant, onDevice } = mixerRun(
          { ...mixer, attributes: { ...mixer.attributes, reverse: 1 }, batch: 3, packed: true },
          meanings,
        );
        const parts = [
          [tokens, 0, tokens],
          [0, tokens, 0],
        ];
        expectSame(await onDevice(opened.device, parts, variant), meant(), 1e-5);
      }
  });

  test('CausalConvWithState, packed, by its meaning and by that of what it becomes', async () => {
    const { results } = await runNode(opened.device, meanings, {
      operator: causalConvWithState,
      inputs: {
        input: [1, 5, 9],
        weight: [5, 1, 3],
        past_state: [4, 5, 2],
        sequences: { dtype: 'u32', shape: [5, 2] },
      },
      attributes: { activation: 'silu' },
      data: { sequences: [0, 0, 0, 2, 1, 0, 1, 7, 9, 0] },
    });
    for (const { got, wants } of Object.values(results))
      for (const want of wants) expectSame({ got: got as never }, { got: want }, 1e-6);
  });
});
