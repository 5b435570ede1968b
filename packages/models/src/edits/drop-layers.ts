import type { Json } from '@tilewright/formats';
import { type Graph, storedNames, subgraph } from '@tilewright/graph';
import { checkOptions, positiveInteger, TilewrightError } from '@tilewright/kernels';
import type { OpenedModel } from '../open-model.ts';
import { loadLanguageModel } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { meanLoss } from '../tasks/windows.ts';
import { scoring } from '../tasks/scoring.ts';
import { refusal } from './drop-neurons.ts';
import type { EditContext, Edited, ModelEdit } from './edit.ts';

export interface DropLayersConfig {
  readonly count: number;
}

/** Windows that each model without a layer is scored on: as many models as layers are made for each layer that goes. */
const scoredWindows = 16;

/**
 * Drops layers one after the other, each time the one without which the model loses least on the calibration text: every layer is left out
 * and the model scored. What is left is a model of fewer layers, as `num_hidden_layers` says; weights stay as they are.
 *
 * Sources: Sajjad, Dalvi, Durrani and Nakov, On the Effect of Dropping Layers (2020); the measure is that of FuseGPT's macro influence (Pei et al.,
 * 2024), whose fusion into neighbours needs training and is not done.
 */
export const dropLayers = (config: DropLayersConfig): ModelEdit => {
  checkOptions('dropLayers', config, { count: positiveInteger });
  const name = 'drop layers';
  return {
    name,
    calibrates: true,
    apply: async (context) => {
      const layers = context.opened.model.blocks.length;
      if (config.count >= layers)
        throw refusal(name, `${config.count} of ${layers} layers would go`, 'one stays at least');
      let kept = Array.from({ length: layers }, (_, layer) => layer);
      for (let dropped = 0; dropped < config.count; dropped++) {
        let [best, least] = [kept.slice(1), Infinity];
        for (const layer of kept) {
          const others = kept.filter((other) => other !== layer);
          const loss = await lossOf(context, await context.open(keepLayers(name, context, others)));
          if (loss < least) [best, least] = [others, loss];
        }
        kept = best;
      }
      return keepLayers(name, context, kept);
    },
  };
};

async function lossOf(
  { device, windows, signal }: EditContext,
  opened: OpenedModel<LanguageTasks>,
): Promise<number> {
  const model = await loadLanguageModel(device, opened, { buckets: [], scoring });
  try {
    if (signal?.aborted)
      throw new TilewrightError(
        'aborted',
        {
          subject: 'drop layers',
          problem: 'stopped while layers were measured',
          requirement: 'the caller aborted',
        },
        { cause: signal.reason },
      );
    const scored = windows.slice(0, scoredWindows);
    return await meanLoss(
      model,
      scored.map((window) => ({ tokens: window.slice(0, -1), targets: window.slice(1) })),
    );
  } finally {
    model.dispose();
  }
}

/** In the order of the graph, which is the same for layers of one kind. */
const namesIn = ({ weights }: Graph): readonly string[] => [
  ...new Set(Object.values(weights).flatMap(storedNames)),
];

function keepLayers(name: string, { config, opened }: EditContext, kept: readonly number[]): Edited {
  const { blocks, graph } = opened.model;
  const namesOf = blocks.map(({ input, output }) => namesIn(subgraph(graph, [input], [output])));
  const weights = new Map(opened.weights);
  for (const names of namesOf) for (const weight of names) weights.delete(weight);
  kept.forEach((layer, place) => {
    const [from, to] = [namesOf[layer]!, namesOf[place]!];
    from.forEach((weight, i) => {
      const tensor = opened.weights.get(weight)!;
      const before = to[i] === undefined ? undefined : opened.weights.get(to[i]);
      if (from.length !== to.length || before?.shape.join() !== tensor.shape.join())
        throw refusal(
          name,
          `layer ${layer} is not of the kind of layer ${place}`,
          'what is left takes the places of the first layers',
        );
      weights.set(to[i]!, tensor);
    });
  });
  const changes: Record<string, Json> = { num_hidden_layers: kept.length };
  if (config.has('n_layer')) changes.n_layer = kept.length;
  const types = config.get('layer_types');
  if (Array.isArray(types)) changes.layer_types = kept.map((layer) => types[layer]!);
  return { config: changes, weights };
}
