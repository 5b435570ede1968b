import { sample, samplerNumbers } from '@tilewright/graph/operators/sample';
import type { Axis, BuiltModel } from '../architectures/architecture.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { product } from './linear.ts';

/** Logits `[1, tokens, vocabulary]` and what is chosen of them; ends the graph. `scoring` adds what they lose. */
export function languageHead(
  m: DecoderBuilder,
  x: string,
  head: string,
  vocabulary: Axis,
): Pick<BuiltModel<LanguageTasks>, 'graph' | 'weights' | 'tasks'> {
  const { graph, maxTokens, capacity, rows } = m;
  const logits = product(graph, x, head, 'lm_head');
  const { ids: token, logit } = graph.node(sample, { logits, ...samplerNumbers(graph) }, {}, 'token');
  const score = { logits, targets: 'targets', argmax: 'argmax.reduced', loss: 'loss.loss' };
  return {
    graph: m.finish([logits, token!, logit!]),
    weights: m.weights,
    tasks: {
      vocabulary: vocabulary.size,
      restarts: m.restarts,
      capacity,
      sequences: rows,
      read: { outputs: [], maxTokens },
      decode: { outputs: [token!, logit!], maxTokens: 1, token: token!, logit: logit! },
      score: { outputs: [logits, score.argmax, score.loss], maxTokens, ...score },
    },
  };
}
