import type { Graph } from '@tilewright/graph';
import { graphBuilder } from '@tilewright/graph/unchecked';
import { TilewrightError } from '@tilewright/kernels';
import { checkInteger } from '../tasks/requests.ts';
import type { Axis, BuildOptions, PublishedWeight } from '../architectures/architecture.ts';
import { type ModelBuilder, weightRecorder } from './model-builder.ts';

/** What the blocks of an encoder build with: a graph, the inputs of a text, and a record of the weights. */
export interface EncoderBuilder extends ModelBuilder {
  readonly maxTokens: number;
  /** u32 `[1, tokens]`: the tokens. */
  readonly ids: string;
  /** u32 `[1, tokens]`: their positions, from 0 on. */
  readonly positions: string;
  /** u32 `[1, tokens]`: of which of two texts each is. */
  readonly types: string;
  readonly weights: ReadonlyMap<string, PublishedWeight>;
  finish(outputs: readonly string[]): Graph;
}

const defaultMaxTokens = 512;

/** Begins an encoder of one text at a time. Throws `bad-argument` for room that the model was not made for, and for a cache. */
export function encoderBuilder(context: Axis, options: BuildOptions): EncoderBuilder {
  for (const name of ['capacity', 'cache', 'cacheFormat', 'sequences'] as const)
    if (options[name] !== undefined)
      throw new TilewrightError('bad-argument', {
        subject: 'openModel',
        problem: `${name} is ${name === 'cacheFormat' ? options[name]!.id : options[name]}`,
        requirement: 'an encoder reads a text at once and has no cache',
        fix: 'leave it out; maxTokens bounds a text',
      });
  const maxTokens = options.maxTokens ?? Math.min(context.size, defaultMaxTokens);
  checkInteger('openModel', 'maxTokens', maxTokens, 1, 2 ** 24);
  if (maxTokens > context.size)
    throw new TilewrightError('bad-argument', {
      subject: 'maxTokens',
      problem: `${maxTokens} tokens were asked for`,
      requirement: `the model was made for ${context.size} (${context.from})`,
      fix: 'ask for fewer',
    });
  const graph = graphBuilder({ tokens: { max: maxTokens } });
  const weights = new Map<string, PublishedWeight>();
  const input = (name: string): string => graph.input(name, 'u32', [1, 'tokens']);
  return {
    graph,
    maxTokens,
    ids: input('ids'),
    positions: input('positions'),
    types: input('types'),
    weights,
    weight: weightRecorder(graph, weights),
    finish: (outputs) => graph.finish({ outputs }),
  };
}
