import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, type Extent, times } from '../../contract/extent.ts';
import { fittedOrder } from '../../memory/fitted-order.ts';
import { type MemoryOrder, rowAddressWgsl } from '../../memory/memory-order.ts';
import { isPacked, updatePattern } from './order.ts';
import inPlaceWgsl from './in-place.wgsl';
import replaceWgsl from './replace.wgsl';
import tokensWgsl from './tokens.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { outer, capacity, inner } = problem.axes as Record<'outer' | 'capacity' | 'inner', number>;
  const { places, circular, in_place: inPlace } = problem.options;
  const width = inner % 4 === 0 ? 4 : 1;
  const units = inner / width;
  const perToken = isPacked(problem.options);
  const start = places === 'starts' ? 'starts_load(batch)' : '0u';
  const lines: Extent = times(inPlace ? 'tokens' : capacity, outer * units);
  return assemble({
    kernel: cacheWrite,
    problem,
    plan,
    constants: {
      OUTER: outer,
      CAPACITY: capacity,
      UNITS: units,
      CIRCULAR: circular === true,
      WORKGROUP: workgroup,
    },
    views: { past: { width }, update: { width }, cache: { width }, positions: { width: 2 } },
    wgsl: [
      ...(perToken
        ? [tokensWgsl]
        : [inPlace ? inPlaceWgsl : replaceWgsl, `fn start_of(batch: u32) -> u32 { return ${start}; }`]),
      rowAddressWgsl('update_row', orderOf(problem), {
        b: 'params.batch',
        s: 'params.tokens',
        h: `${outer}u`,
        d: units,
      }),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(perToken ? lines : times('batch', lines), workgroup),
      },
    ],
  });
}

function orderOf(problem: Problem): MemoryOrder {
  const { batch, outer, tokens } = problem.axes as Record<string, number>;
  const sizes = { b: isPacked(problem.options) ? 1 : batch!, s: tokens!, h: outer! };
  const options = { update_strides: updatePattern(problem.options) };
  return fittedOrder('cache-write', 'update_strides', { options }, false, sizes);
}

function validate(problem: Problem): void {
  const { axes, options } = problem;
  const { tokens, capacity, pair } = axes as Record<string, number>;
  orderOf(problem);
  const packed = isPacked(options);
  const refuse = (
    code: 'bad-argument' | 'bad-shape',
    wrong: string,
    requirement: string,
    fix: string,
  ): never => {
    throw new TilewrightError(code, { subject: 'cache-write', problem: wrong, requirement, fix });
  };
  if (packed && (options.in_place !== true || options.circular === true))
    refuse(
      'bad-argument',
      `option 'places' is 'tokens', with in_place ${options.in_place} and circular ${options.circular}`,
      'rows that tokens name lie in a cache that is written in place, and nothing goes on behind them',
      'give in_place true and circular false, and the rows of a ring modulo its capacity',
    );
  if (packed && pair !== 2)
    refuse(
      'bad-shape',
      `pair is ${pair}`,
      'positions holds pairs of a position and a row',
      'give it a last axis of 2',
    );
  if (!packed && tokens! > capacity!)
    refuse(
      'bad-shape',
      `an update of ${tokens} rows is written into a cache of ${capacity}`,
      'no row may be written twice',
      'write fewer rows at a time, or give the cache more',
    );
}

/**
 * cache = past, rows of the update at their places.
 *
 * Writes a step's rows into a cache (ONNX `TensorScatter`, opset 24).
 *
 * `past` and `cache` are `[batch, outer, capacity, inner]`, `update` `[batch, outer, tokens, inner]`, each f32 or f16. The option
 * `places` says where the rows go: `starts`, u32 `[batch]`, is where a batch row's update begins; `first` writes from row 0 on; `tokens`
 * gives each token a row of its own, whatever the sequence: `update` is `[tokens, outer, inner]`, and the second column of
 * `positions`, u32 `[tokens, 2]`, is the row `sequence · capacity + position`. No two tokens may name the same row.
 * `update_strides` names another memory order of the update (default `bhsd`, with `tokens` `shd`; `h` is `outer`).
 *
 * With `circular` rows beyond the capacity go on from row 0; else they are left out. With `in_place` there is no `past`: the cache
 * keeps its other rows.
 */
export const cacheWrite: Kernel<'past' | 'update' | 'starts' | 'positions', 'cache'> =
  /* @__PURE__ */ defineKernel({
    name: 'cache-write',
    axes: {
      batch: 'dynamic',
      outer: 'static',
      tokens: 'dynamic',
      capacity: 'static',
      inner: 'static',
      pair: 'static',
    },
    axesWhen: { pair: ['places', 'tokens'] },
    inputs: {
      past: { shape: ['batch', 'outer', 'capacity', 'inner'], when: ['in_place', false] },
      update: {
        shape: ['batch', 'outer', 'tokens', 'inner'],
        shapeWhen: ['places', 'tokens', ['tokens', 'outer', 'inner'], 'shd'],
        order: { option: 'update_strides', letters: 'bhsd' },
      },
      starts: { shape: ['batch'], dtype: 'u32', when: ['places', 'starts'] },
      positions: { shape: ['tokens', 'pair'], dtype: 'u32', when: ['places', 'tokens'] },
    },
    outputs: {
      cache: { shape: ['batch', 'outer', 'capacity', 'inner'], inOut: ['in_place', true] },
    },
    options: {
      places: ['starts', 'first', 'tokens'],
      circular: [false, true],
      in_place: [false, true],
      update_strides: [''],
    },
    dtypes: ['f32', 'f16'],
    validate,
    variants: [{ name: 'baseline', program }],
  });
