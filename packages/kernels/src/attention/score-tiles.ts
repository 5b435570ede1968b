// Programs of the attention kernels with loops of their own, on score-tiles.wgsl: hard, stick-breaking, clipped softmax.
import { assemble } from '../contract/assemble.ts';
import { contractBindings } from '../contract/bindings.ts';
import type { Capabilities } from '../contract/capabilities.ts';
import type {
  KernelDefinition,
  OptionValue,
  Plan,
  PlanChoice,
  Problem,
  Program,
  TensorContract,
  Variant,
} from '../contract/contract.ts';
import type { Kernel } from '../contract/define-kernel.ts';
import { ceilDiv, times } from '../contract/extent.ts';
import type { Filling, SlotContract } from '../contract/filling.ts';
import type { Constants } from '../contract/prelude.ts';
import { attentionContract } from './contract.ts';
import placeWgsl from './place.wgsl';
import { everyMode } from './modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from './program.ts';
import { attentionSlots, type WeightReference } from './slots.ts';
import valuesWgsl from './score-tiles.values.wgsl';
import tilesWgsl from './score-tiles.wgsl';

/** What these kernels take over from flash-attention: padded rows, every slot but those that say what weights are. */
interface LoopContract extends Required<Pick<KernelDefinition, 'axes' | 'scalars' | 'dtypes'>> {
  readonly inputs: Readonly<Record<'q' | 'k' | 'v' | 'lengths', TensorContract>>;
  readonly y: TensorContract;
  readonly options: Readonly<Record<string, readonly [OptionValue, ...OptionValue[]]>>;
  readonly slots: Readonly<Record<string, SlotContract>>;
}

/** A record but for some names. */
export const without = <Value>(
  record: Readonly<Record<string, Value>>,
  names: readonly string[],
): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** Without the shape of packed rows, which these kernels do not take. */
function padded({ shape, order, divides }: TensorContract): TensorContract {
  return { shape, ...(order && { order }), ...(divides && { divides }) };
}

export const loopContract: LoopContract = /* @__PURE__ */ (() => ({
  axes: without(attentionContract.axes, Object.keys(attentionContract.axesWhen)),
  inputs: {
    q: padded(attentionContract.inputs.q),
    k: padded(attentionContract.inputs.k),
    v: padded(attentionContract.inputs.v),
    lengths: attentionContract.inputs.lengths,
  },
  y: padded(attentionContract.outputs.y),
  scalars: { scale: 0 },
  options: without(attentionContract.options!, [
    'lse',
    'offset',
    'packed',
    'blocks',
    'block_size',
    'block_heads',
  ]),
  slots: without(attentionSlots, ['weight', 'reweight']),
  dtypes: ['f32', 'f16'],
}))();

/** A problem as flash-attention sees it: `fixed` and the defaults stand for the options that a kernel does not offer. */
export const asAttention = (problem: Problem, fixed: Problem['options'] = {}): Problem => ({
  ...problem,
  options: {
    ...Object.fromEntries(Object.entries(attentionContract.options!).map(([name, [first]]) => [name, first])),
    ...problem.options,
    ...fixed,
  },
});

/** References for all slots of `attentionReference`: the given ones, these weights, and defaults. */
export const withWeights = (
  slots: Readonly<Record<string, unknown>>,
  weight: WeightReference,
): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries<SlotContract>(attentionSlots).map(([name, slot]) => [name, slot.default.reference]),
  ),
  ...slots,
  weight,
});

/** What one of these kernels adds to score-tiles.wgsl. */
interface LoopParts {
  readonly wgsl: readonly string[];
  readonly constants?: Constants;
  /** The problem as flash-attention sees it. */
  readonly settings: Problem;
}

/** Few queries share their keys among the heads of a group, and many threads share a row. */
function plans({ axes }: Problem, { software }: Capabilities): readonly PlanChoice[] {
  const { queries, heads, kv_heads } = axes as Readonly<Record<'queries' | 'heads' | 'kv_heads', number>>;
  const variant = 'tile';
  if (queries <= 4) {
    const pack = heads / kv_heads;
    const rows = Math.min(8, 2 ** Math.ceil(Math.log2(queries * pack)));
    const threads_x = software ? 8 : 32;
    return [rows, Math.max(1, rows / 2)].map((each) => ({
      variant,
      threads_x,
      threads_y: 1,
      rows: each,
      columns: 2,
      pack,
    }));
  }
  return [
    { variant, threads_x: 8, threads_y: 8, rows: 4, columns: 4, pack: 1 },
    { variant, threads_x: 8, threads_y: 4, rows: 2, columns: 4, pack: 1 },
  ];
}

function program(kernel: Kernel, problem: Problem, plan: Plan, parts: LoopParts): Program {
  const { axes } = problem;
  const [threadsX, threadsY, rows, pack] = [plan.threads_x, plan.threads_y, plan.rows, plan.pack].map(
    Number,
  ) as [number, number, number, number];
  const width = fragmentWidths(problem);
  const blocks = ceilDiv(times('queries', pack), threadsY * rows);
  return assemble({
    kernel,
    problem,
    plan,
    constants: {
      ...attentionConstants(parts.settings),
      PACK: pack,
      SPLITS: 1,
      THREADS_X: threadsX,
      THREADS_Y: threadsY,
      ROWS: rows,
      COLUMNS: Number(plan.columns),
      CHANNELS: Math.ceil(axes.value_size! / width.v / threadsX),
      ...parts.constants,
    },
    views: { q: { width: width.qk }, k: { width: width.qk }, v: { width: width.v }, y: { width: width.v } },
    wgsl: [...parts.wgsl, tilesWgsl, valuesWgsl, placeWgsl, ...attentionPrelude(parts.settings, everyMode)],
    dispatches: [{ entryPoint: 'main', workgroups: times(times('batch', axes.heads! / pack), blocks) }],
  });
}

/** Whether a device binds the tensors of a kernel and its fillings at once, or why not. */
export function fitsBindings(kernel: Kernel, problem: Problem, { limits }: Capabilities): true | string {
  const most = limits.maxStorageBuffersPerShaderStage;
  const bound = Object.values<Filling>(problem.slots).reduce(
    (sum, { bindings = {} }) => sum + Object.keys(bindings).length,
    contractBindings(kernel, problem).length,
  );
  return bound <= most || `with these fillings it binds ${bound} storage buffers; the device ${most}`;
}

/** The one variant of such a kernel: it runs everywhere. */
export function scoreTileVariant(parts: (problem: Problem) => LoopParts): Variant {
  return {
    name: 'tile',
    supports: (problem, capabilities, kernel) => fitsBindings(kernel, problem, capabilities),
    plans,
    program: (problem, plan, kernel) => program(kernel, problem, plan, parts(problem)),
  };
}
