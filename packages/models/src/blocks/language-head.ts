import { argMax } from '@tilewright/graph/operators/arg-max';
import { crossEntropy } from '@tilewright/graph/operators/cross-entropy';
import { linear } from '@tilewright/graph/operators/linear';
import { sample, samplerNumbers } from '@tilewright/graph/operators/sample';
import type { Axis, BuiltModel } from '../architectures/architecture.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import type { DecoderBuilder } from './decoder-builder.ts';

/** Logits `[tokens, vocabulary]`, what is chosen of them and what they lose; ends the graph. */
export function languageHead(
  m: DecoderBuilder,
  x: string,
  head: string,
  vocabulary: Axis,
): Pick<BuiltModel<LanguageTasks>, 'graph' | 'weights' | 'tasks'> {
  const { graph, maxTokens } = m;
  const targets = graph.input('targets', 'u32', ['tokens']);
  const logits = graph.node(linear, { x, weight: head }, {}, 'lm_head').y!;
  const { ids: token, logit } = graph.node(sample, { logits, ...samplerNumbers(graph) }, {}, 'token');
  const argmax = graph.node(argMax, { x: logits }, {}, 'argmax').ids!;
  const loss = graph.node(crossEntropy, { logits, targets }, {}, 'loss').loss!;
  return {
    graph: m.finish([logits, token!, logit!, argmax, loss]),
    weights: m.weights,
    tasks: {
      vocabulary: vocabulary.size,
      read: { outputs: [], maxTokens },
      decode: { outputs: [token!, logit!], maxTokens: 1, token: token!, logit: logit! },
      score: { outputs: [logits, argmax, loss], maxTokens, logits, argmax, loss },
    },
  };
}
