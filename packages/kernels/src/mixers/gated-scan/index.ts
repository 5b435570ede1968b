import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import affineCarryWgsl from '../scan/affine.carry.wgsl';
import affineWgsl from '../scan/affine.wgsl';
import { type ScanParts, scanVariants } from '../scan/variants.ts';
import gatedScanWgsl from './gated-scan.wgsl';

function program(problem: Problem, plan: Plan, parts: ScanParts): Program {
  const { initial, final, reverse } = problem.options;
  const start = initial ? 'initial_load(batch * UNITS + unit)' : 'Value(0.0)';
  const store = final ? 'last_store(batch * UNITS + unit, whole.value);' : '';
  return assemble({
    kernel: gatedScan,
    problem,
    plan,
    ...parts,
    constants: { ...parts.constants, REVERSE: reverse === true },
    // `final` is a word of WGSL's.
    views: { final: { width: parts.width, identifier: 'last' } },
    wgsl: [
      ...parts.wgsl,
      gatedScanWgsl,
      `fn scan_start(batch: u32, unit: u32) -> Element { return element(Value(0.0), ${start}); }`,
      `fn scan_finish(batch: u32, unit: u32, whole: Element) { ${store} }`,
    ],
  });
}

/**
 * h_t = a_t · h_(t−1) + b_t along tokens, per channel.
 *
 * A first-order recurrence of every channel, `h_t = a_t ⊙ h_{t−1} + b_t`: exponential smoothing, the pooling of QRNN (Bradbury et
 * al. 2016, arXiv 1611.01576), SRU, minGRU and RG-LRU.
 *
 * `a`, `b` and `h` are `[batch, tokens, channels]`, `initial` and `final` `[batch, channels]`; each f32 or f16, states in f32. With the
 * option `initial` there is a state before the first token, else it is zero; with `final` the state after the last token is written, too
 * (after no tokens, the initial one). With `reverse` time runs from the last token to the first.
 *
 * The parallel form multiplies the gates of some hundred tokens, which must stay finite: gates of at most 1 in size do.
 */
export const gatedScan: Kernel<'a' | 'b' | 'initial', 'h' | 'final'> = /* @__PURE__ */ defineKernel({
  name: 'gated-scan',
  axes: { batch: 'dynamic', tokens: 'dynamic', channels: 'static' },
  inputs: {
    a: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
    b: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
    initial: { shape: ['batch', 'channels'], when: ['initial', true] },
  },
  outputs: {
    h: { shape: ['batch', 'tokens', 'channels'], order: 'rows' },
    final: { shape: ['batch', 'channels'], when: ['final', true] },
  },
  options: { initial: [false, true], final: [false, true], reverse: [false, true] },
  dtypes: ['f32', 'f16'],
  cost: ({ axes }, bytes) => ({ bytes, flops: 2 * axes.batch! * axes.tokens! * axes.channels! }),
  variants: /* @__PURE__ */ scanVariants({
    algebra: { wgsl: affineWgsl, carry: affineCarryWgsl, values: 3 },
    bindings: ({ options }) => ({
      load: ['a', 'b'],
      start: options.initial ? ['initial'] : [],
      emit: ['h'],
      finish: options.final ? ['final'] : [],
    }),
    program,
  }),
});
