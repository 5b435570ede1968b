import type { CacheFormat, Graph } from '@tilewright/graph';
import { graphBuilder } from '@tilewright/graph/unchecked';
import { contiguous } from '@tilewright/graph/caches/contiguous';
import { sequencePlaces } from '@tilewright/graph/operators/sequence-places';
import { TilewrightError } from '@tilewright/kernels';
import { checkInteger } from '../tasks/requests.ts';
import type { Axis, BuildOptions, PublishedWeight } from '../architectures/architecture.ts';
import { type ModelBuilder, weightRecorder } from './model-builder.ts';

/** What the blocks of a decoder build with: a graph, the inputs of every step, and a record of the weights. */
export interface DecoderBuilder extends ModelBuilder {
  readonly capacity: number;
  readonly maxTokens: number;
  /** Sequences that a step has room for. */
  readonly rows: number;
  /** u32 `[1, tokens]`. */
  readonly ids: string;
  /** u32 `[sequences + 1, 2]`: where each sequence begins among the tokens, and how many positions it has had. */
  readonly sequences: string;
  /** u32 `[1, tokens]`: of each token its position in its sequence. */
  readonly positions: string;
  readonly weights: ReadonlyMap<string, PublishedWeight>;
  /**
   * Keys and values so far, and what they become after this step. A format that the options name comes before `format`, which is
   * `contiguous` where nobody says.
   */
  cache(
    name: string,
    sizes: Readonly<Record<'heads' | 'keySize' | 'valueSize', number>>,
    format: CacheFormat | undefined,
    append: (past: string) => string,
  ): string;
  /** Says what a state becomes after this step. */
  succeed(name: string, after: string): void;
  /** The states that a new text must find at zero. */
  readonly restarts: string[];
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
  const rows = options.sequences ?? 1;
  checkInteger('openModel', 'sequences', rows, 1, 2 ** 16);
  const graph = graphBuilder({ tokens: { max: maxTokens }, keys: { max: rows * capacity } });
  const ids = graph.input('ids', 'u32', [1, 'tokens']);
  const sequences = graph.input('sequences', 'u32', [rows + 1, 2]);
  const weights = new Map<string, PublishedWeight>();
  const finals: Record<string, string> = {};
  return {
    graph,
    capacity,
    maxTokens,
    rows,
    ids,
    sequences,
    positions: graph.node(sequencePlaces, { sequences }, { tokens: 'tokens', positions: capacity }, 'places')
      .positions!,
    weights,
    weight: weightRecorder(graph, weights),
    cache(name, { heads, keySize, valueSize }, format, append) {
      const shape = [rows, heads, capacity, keySize + valueSize];
      const past = graph.cache(name, options.cache ?? 'f32', shape, {
        format: options.cacheFormat ?? format ?? contiguous,
        keySize,
        chunk: maxTokens,
      });
      return (finals[name] = append(past));
    },
    succeed: (name, after) => void (finals[name] = after),
    restarts: [],
    finish: (outputs) => graph.finish({ outputs, states: finals }),
  };
}
