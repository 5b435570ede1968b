import { type Graph, graphBuilder } from '@tilewright/graph';
import { TilewrightError } from '@tilewright/kernels';
import { checkInteger } from '../tasks/requests.ts';
import type { Axis, BuildOptions, PublishedWeight } from '../architectures/architecture.ts';
import { type ModelBuilder, weightRecorder } from './model-builder.ts';

/** What the blocks of a decoder build with: a graph, the inputs of every step, and a record of the weights. */
export interface DecoderBuilder extends ModelBuilder {
  readonly capacity: number;
  readonly maxTokens: number;
  /** u32 `[1, tokens]`. */
  readonly ids: string;
  /** u32 `[1, tokens, 2]`: of each token its rotary position and its cache row. */
  readonly positions: string;
  /** u32 `[1]`: the keys that are valid after this step. */
  readonly lengths: string;
  readonly weights: ReadonlyMap<string, PublishedWeight>;
  /** The rows of keys or values so far, `[1, kvHeads, capacity, headSize]`, and what they become after this step. */
  cache(name: string, kvHeads: number, headSize: number, append: (past: string) => string): string;
  /** A state in f32 that does not grow with the text, zero where one begins; `succeed` gives what it becomes, and is returned. */
  state(name: string, shape: readonly number[], succeed: (before: string) => string): string;
  /** The states that a new text must find at zero. */
  readonly restarts: readonly string[];
  finish(outputs: readonly string[]): Graph;
}

const defaultCapacity = 2048;
const defaultMaxTokens = 512;

/** Begins a decoder. Throws `bad-argument` for room that the model was not made for. */
export function decoderBuilder(context: Axis, options: BuildOptions): DecoderBuilder {
  const capacity = options.capacity ?? Math.min(context.size, defaultCapacity);
  const maxTokens = Math.min(capacity, options.maxTokens ?? defaultMaxTokens);
  checkInteger('openModel', 'capacity', capacity, 1, 2 ** 24);
  if (capacity > context.size)
    throw new TilewrightError('bad-argument', {
      subject: 'capacity',
      problem: `${capacity} positions were asked for`,
      requirement: `the model was made for ${context.size} (${context.from})`,
      fix: 'ask for fewer',
    });
  checkInteger('openModel', 'maxTokens', maxTokens, 1, capacity);
  const graph = graphBuilder({ tokens: { max: maxTokens }, keys: { max: capacity } });
  const weights = new Map<string, PublishedWeight>();
  const finals: Record<string, string> = {};
  const restarts: string[] = [];
  return {
    graph,
    capacity,
    maxTokens,
    ids: graph.input('ids', 'u32', [1, 'tokens']),
    positions: graph.input('positions', 'u32', [1, 'tokens', 2]),
    lengths: graph.input('lengths', 'u32', [1]),
    weights,
    weight: weightRecorder(graph, weights),
    cache(name, kvHeads, headSize, append) {
      const past = graph.state(name, options.cache ?? 'f32', [1, kvHeads, capacity, headSize]);
      return (finals[name] = append(past));
    },
    state(name, shape, succeed) {
      restarts.push(name);
      return (finals[name] = succeed(graph.state(name, 'f32', shape)));
    },
    restarts,
    finish: (outputs) => graph.finish({ outputs, states: finals }),
  };
}
