// The parallel form: what chunks of tokens are by themselves is computed all at once, and states go from chunk to chunk.
import type { Plan, Problem, Variant } from '../../contract/contract.ts';
import { times } from '../../contract/extent.ts';
import advanceWgsl from './advance.wgsl';
import prepareWgsl from './prepare.wgsl';
import { advancers, chunkLoads, comparisonsOf, keyBlock, kindsOf, preparers, walkLoads } from './loads.ts';
import { chunkSlots, chunkSlotsWgsl, stateCount } from '../sequences/index.ts';
import { hasGates, linearAttentionProgram, type LinearAttentionSizes } from './program.ts';

export type ChunkPlan = {
  /** Tokens of a chunk. */
  readonly chunk: number;
  /** Columns of values of a workgroup. */
  readonly columns: number;
  /** A software adapter compiles its loops in seconds where they are unrolled. */
  readonly rolled?: boolean;
};

const widthOf = ({ options }: Problem, columns: number): number => columns + (options.sums === 'off' ? 0 : 1);

/** Workgroup memory of the larger of both dispatches. */
function memoryBytes(problem: Problem, { chunk, columns }: ChunkPlan): number {
  const width = widthOf(problem, columns);
  const prepare = chunk * preparers + 2 * chunk;
  const advance =
    (problem.axes.key_size! + kindsOf(problem) * chunk) * width + (chunk + 1) * keyBlock + 3 * chunk;
  return 4 * Math.max(prepare, advance);
}

/** Fewer columns than this leave a workgroup idle. */
const fewestColumns = 4;

const loadsOf = (problem: Problem, { chunk, columns }: ChunkPlan): number =>
  chunkLoads(problem, { chunk, width: widthOf(problem, columns) });

/** Those that fit, the one that waits for memory least often first. */
function chunkPlans(problem: Problem, limit: number): readonly ChunkPlan[] {
  const { key_size: keys, value_size: values } = problem.axes as LinearAttentionSizes;
  return [64, 32, 16]
    .map((chunk) => {
      const most = Math.min(32, values, Math.floor(2048 / keys));
      return { chunk, columns: Math.max(Math.min(fewestColumns, values), most) };
    })
    .filter((plan) => memoryBytes(problem, plan) <= limit)
    .sort((a, b) => loadsOf(problem, a) - loadsOf(problem, b));
}

/** Invocations of a workgroup that share a column of a walk on GPUs. */
export const gpuLanes = 8;

/** Chunks by themselves, then their states one after the other: two dispatches. */
export const chunks: Variant = {
  name: 'chunks',
  supports: (problem, { limits }) => {
    const { axes, options } = problem;
    if (options.causal !== true || options.cross === true)
      return `chunks have a key for each token and none after it: causal is ${options.causal}, cross ${options.cross}`;
    const bytes = limits.maxComputeWorkgroupStorageSize;
    return chunkPlans(problem, bytes).length > 0 || `keys of ${axes.key_size} do not fit ${bytes} bytes`;
  },
  // A CPU walks: its invocations share a thread, and the sums over chunks only add to the work.
  rank: (problem, { software, limits }) => {
    const [plan] = chunkPlans(problem, limits.maxComputeWorkgroupStorageSize);
    if (software || plan === undefined) return 2;
    return loadsOf(problem, plan) < walkLoads(problem, gpuLanes) ? 0 : 2;
  },
  plans: (problem, { limits, software }) =>
    chunkPlans(problem, limits.maxComputeWorkgroupStorageSize).map((plan) => ({
      ...plan,
      ...(software && { rolled: true }),
    })),
  program: (problem, plan, kernel) => {
    const { chunk, columns, rolled } = plan as Plan & ChunkPlan;
    const {
      value_heads: heads,
      key_size: keys,
      value_size: values,
      outputs,
    } = problem.axes as LinearAttentionSizes;
    const { decay, rule } = problem.options;
    const groups = outputs / heads;
    const tiles = Math.ceil(values / columns);
    const slots = times(chunkSlots(problem, chunk), heads);
    return linearAttentionProgram(kernel, problem, plan, {
      constants: {
        CHUNK: chunk,
        COLUMNS: columns,
        WIDTH: widthOf(problem, columns),
        TILES: tiles,
        GROUPS: groups,
        KEY_BLOCK: keyBlock,
        PREPARERS: preparers,
        ADVANCERS: advancers,
        ROLLED: rolled === true,
        DECAYS_KEYS: decay === 'key',
        DECAYS_HEADS: decay === 'head' || hasGates(problem),
      },
      scratch: {
        prepared: {
          sizeBytes: times(
            slots,
            4 * chunk * (chunk * comparisonsOf(problem) + 3 + (rule === 'general' ? keys : 0)),
          ),
        },
      },
      note: 'prepared_note',
      wgsl: [chunkSlotsWgsl(problem), prepareWgsl, advanceWgsl],
      main: (bound) => [
        ...bound.filter(
          (name) =>
            !['beta', 'probe', 'gate_values'].includes(name) && !(name === 'decay' && decay === 'head'),
        ),
        'prepared',
      ],
      dispatches: (bound, main) => [
        {
          entryPoint: 'prepare',
          workgroups: slots,
          bindings: [
            ...bound.filter((name) =>
              ['q', 'k', 'decay', 'beta', 'probe', 'eraser', 'gate_values', 'starts'].includes(name),
            ),
            'prepared',
          ],
          slots: ['feature_map'],
        },
        {
          entryPoint: 'advance',
          workgroups: times(stateCount(problem), heads * tiles),
          bindings: main,
          slots: ['feature_map', 'finish'],
        },
      ],
    });
  },
};
