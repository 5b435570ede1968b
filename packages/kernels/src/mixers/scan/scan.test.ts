// The skeleton with algebras that no kernel has: running sums and running maxima.
import { checkCase } from '@tilewright/bench/verify';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { assemble } from '../../contract/assemble.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { scanVariants } from './variants.ts';

/** Running results of an operation on plain numbers. */
function running(
  name: string,
  identity: string,
  wgsl: string,
  combine: (a: number, b: number) => number,
): KernelCheck {
  const kernel: Kernel = defineKernel({
    name,
    axes: { batch: 'dynamic', tokens: 'dynamic', channels: 'static' },
    inputs: { x: ['batch', 'tokens', 'channels'] },
    outputs: { y: ['batch', 'tokens', 'channels'] },
    dtypes: ['f32'],
    variants: scanVariants({
      algebra: {
        wgsl: `alias Element = Value;
fn identity() -> Element { return Value(${identity}); }
fn combine(earlier: Element, later: Element) -> Element { return ${wgsl}; }`,
        carry: `fn carry_load(i: u32) -> Element { return carries_load(i); }
fn carry_store(i: u32, element: Element) { carries_store(i, element); }`,
        values: 1,
      },
      bindings: () => ({ load: ['x'], start: [], emit: ['y'], finish: [] }),
      program: (problem, plan, parts) =>
        assemble({
          problem,
          plan,
          ...parts,
          wgsl: [
            ...parts.wgsl,
            `fn scan_load(batch: u32, token: u32, unit: u32) -> Element { return x_load((batch * params.tokens + token) * UNITS + unit); }
fn scan_start(batch: u32, unit: u32) -> Element { return identity(); }
fn scan_emit(batch: u32, token: u32, unit: u32, before: Element, prefix: Element) { y_store((batch * params.tokens + token) * UNITS + unit, prefix); }
fn scan_finish(batch: u32, unit: u32, whole: Element) {}`,
          ],
        }),
    }),
  });
  return {
    kernel,
    reference: ({ axes, inputs, round }) => {
      const { tokens, channels } = axes as { tokens: number; channels: number };
      const y = inputs.x!.slice();
      y.forEach((value, i) => {
        if (Math.floor(i / channels) % tokens > 0) y[i] = round(combine(y[i - channels]!, value));
      });
      return { y };
    },
    cost: (_, bytes) => ({ bytes, flops: 0 }),
    cases: [],
    workloads: [],
    floor: ({ axes }) => Math.sqrt(axes.tokens!) * 2 ** -24,
  };
}

const sums = running('running-sum', '0.0', 'earlier + later', (a, b) => a + b);
const maxima = running('running-maximum', '-3.0e38', 'max(earlier, later)', Math.max);

test.skipIf(testProfile.compileOnly).each([
  ['sums', sums, { batch: 2, tokens: 33, channels: 5 }],
  ['maxima', maxima, { batch: 1, tokens: 259, channels: 8 }],
])('%s', async (_, check, axes) => {
  const { device, capabilities, dispose } = await openTestDevice();
  const plans = check.kernel.plans(check.kernel.problem({ axes }), capabilities);
  const results = [];
  for (const plan of plans) results.push(await checkCase(device, check, { axes }, { plan }));
  dispose();
  expect(results.map(({ plan, message }) => [plan.variant, message]).sort()).toEqual([
    ['chunks', ''],
    ['walk', ''],
  ]);
});
