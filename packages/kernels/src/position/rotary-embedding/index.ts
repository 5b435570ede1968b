import { fittedOrder } from '../../memory/fitted-order.ts';
import { type MemoryOrder, rowAddressWgsl } from '../../memory/memory-order.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import rotaryEmbeddingWgsl from './rotary-embedding.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { heads, head_size: size, half } = problem.axes as Record<'heads' | 'head_size' | 'half', number>;
  const { interleaved, positions } = problem.options;
  // Neighbours that turn with each other are no vectors: interleaved pairs go one by one.
  const width = !interleaved && size % 4 === 0 && half % 4 === 0 ? 4 : 1;
  const items = (size - half) / width;
  return assemble({
    kernel: rotaryEmbedding,
    problem,
    plan,
    constants: {
      HEADS: heads,
      HALF_UNITS: half / width,
      ITEMS: items,
      FIRST_STEP: interleaved ? 2 : 1,
      PARTNER: interleaved ? 1 : half / width,
      WORKGROUP: workgroup,
    },
    views: { x: { width }, y: { width }, cosine: { width }, sine: { width } },
    wgsl: [
      rotaryEmbeddingWgsl,
      `fn table_row(token: u32) -> u32 { return ${positions ? 'min(positions_load(token), params.table_rows - 1u)' : 'token'}; }`,
      rowAddressWgsl('row_at', orderOf(problem), {
        b: 'params.batch',
        s: 'params.tokens',
        h: `${heads}u`,
        d: size / width,
      }),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times('batch', times('tokens', heads * items)), workgroup),
      },
    ],
  });
}

function orderOf(problem: Problem): MemoryOrder {
  const { axes } = problem;
  return fittedOrder('rotary-embedding', 'order', problem, true, {
    b: axes.batch!,
    s: axes.tokens!,
    h: axes.heads!,
  });
}

/**
 * Rotary position embedding as ONNX `RotaryEmbedding` (opset 23) has it: cosines and sines in tensors of their own, given
 * for positions or for tokens. `rope` is for the tables that {@link ropeTable} of that kernel makes.
 *
 * `x` and `y` are `[batch, tokens, heads, head_size]` in the memory order `order` (default `bshd`; `bhsd` for
 * `[batch, heads, tokens, head_size]`); `cosine` and `sine` `[table_rows, half]`; each f32 or f16, computed in f32.
 * `positions` (u32 `[batch, tokens]`) says which row of the tables is a token's, beyond the last one the last; with the
 * option `positions: false` there are none and the tables have a row for each token, `batch · tokens` in all. `2 · half` leading channels
 * turn, pairs being (i, i + half) or with `interleaved` (2i, 2i + 1); the others are copied.
 */
export const rotaryEmbedding: Kernel<'x' | 'cosine' | 'sine' | 'positions', 'y'> =
  /* @__PURE__ */ defineKernel({
    name: 'rotary-embedding',
    summary: 'y = x with pairs of channels turned by angles whose cosines and sines are given',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      heads: 'static',
      head_size: 'static',
      half: 'static',
      table_rows: 'dynamic',
    },
    inputs: {
      x: ['batch', 'tokens', 'heads', 'head_size'],
      cosine: ['table_rows', 'half'],
      sine: ['table_rows', 'half'],
      positions: { shape: ['batch', 'tokens'], dtype: 'u32', when: ['positions', true] },
    },
    outputs: { y: ['batch', 'tokens', 'heads', 'head_size'] },
    options: { positions: [true, false], interleaved: [false, true], order: ['bshd'] },
    dtypes: ['f32', 'f16'],
    validate: (problem) => {
      orderOf(problem);
      const {
        head_size: size,
        half,
        batch,
        tokens,
        table_rows: rows,
      } = problem.axes as Record<string, number>;
      const refuse = (wrong: string, requirement: string, fix: string): never => {
        throw new TilewrightError('bad-shape', {
          subject: 'rotary-embedding',
          problem: wrong,
          requirement,
          fix,
        });
      };
      if (2 * half! > size!)
        refuse(
          `half is ${half} for heads of ${size}`,
          '2 · half channels of a head turn',
          'give axes.half at most head_size / 2',
        );
      if (!problem.options.positions && rows !== batch! * tokens!)
        refuse(
          `the tables have ${rows} rows for ${batch} · ${tokens} tokens`,
          'without positions each token has a row of its own',
          `give axes.table_rows ${batch! * tokens!}`,
        );
    },
    cost: (problem) => {
      const { batch, tokens, heads, head_size: size, half } = problem.axes as Record<string, number>;
      const bytes = (name: string): number => (problem.dtypes[name] === 'f16' ? 2 : 4);
      const count = batch! * tokens!;
      return {
        bytes:
          count * heads! * size! * (bytes('x') + bytes('y')) +
          count * (half! * (bytes('cosine') + bytes('sine')) + (problem.options.positions ? 4 : 0)),
        flops: 6 * count * heads! * half!,
      };
    },
    variants: [{ name: 'baseline', plans: () => [{ variant: 'baseline' }], program }],
  });
