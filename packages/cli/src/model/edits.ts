// Steps of `--recipe` that change a model's shape; they stand first.
import { noWords, onlyWord, type RecipeMethod } from '@tilewright/compression';
import { TilewrightError } from '@tilewright/kernels';
import { weightCodecs, weightFamilies } from '@tilewright/kernels/weights/registry';
import { dropHeads, dropLayers, dropNeurons, editModel, type ModelEdit, untie } from '@tilewright/models';
import { openModel } from '@tilewright/models/all';
import type { Device } from '@tilewright/runtime';
import type { OpenedFolder } from './open-folder.ts';

/** An edit as people write it. */
export interface EditMethod extends Pick<RecipeMethod, 'verb' | 'name' | 'takes' | 'summary'> {
  readonly make: (words: readonly string[]) => ModelEdit;
}

const counted = (name: string, summary: string, make: (count: number) => ModelEdit): EditMethod => ({
  verb: 'drop',
  name,
  summary,
  takes: 'COUNT (1)',
  make: (words) => make(Number(onlyWord(`drop ${name}`, words, 'number'))),
});

export const editMethods: readonly EditMethod[] = [
  counted('heads', 'so many key heads of each layer go, with their query heads; calibrates', (count) =>
    dropHeads({ count }),
  ),
  {
    verb: 'drop',
    name: 'neurons',
    summary: 'that part of the neurons of each MLP goes; calibrates',
    takes: 'PERCENT (25%)',
    make: (words) => {
      const word = onlyWord('drop neurons', words, 'percentage');
      return dropNeurons({ part: /^\d+(\.\d+)?%$/.test(word) ? Number.parseFloat(word) / 100 : NaN });
    },
  },
  counted('layers', 'so many layers go, those that the loss needs least; calibrates', (count) =>
    dropLayers({ count }),
  ),
  {
    verb: 'untie',
    name: 'head',
    summary: 'the head, which is the embedding, too, gets a weight of its own',
    takes: '',
    make: (words) => {
      noWords('untie head', words);
      return untie();
    },
  },
];

/** The edits that a text begins with, and the steps behind them. Throws `bad-argument` for edits that stand elsewhere. */
export function splitEdits(text: string): {
  readonly edits: readonly ModelEdit[];
  readonly steps: readonly string[];
} {
  const edits: ModelEdit[] = [];
  const steps: string[] = [];
  for (const step of text.split(',').map((part) => part.trim())) {
    const words = step.split(/\s+/);
    const ofVerb = editMethods.filter(({ verb }) => words[0] === verb);
    if (ofVerb.length === 0) {
      steps.push(step);
      continue;
    }
    const method =
      ofVerb.find(({ name }) => words.includes(name)) ?? (ofVerb.length === 1 ? ofVerb[0] : undefined);
    if (!method)
      throw new TilewrightError('bad-argument', {
        subject: 'recipe',
        problem: `'${step}' names nothing that can go`,
        requirement: `'${words[0]}' takes one of ${ofVerb.map(({ name }) => name).join(', ')}`,
        fix: 'choose one of them',
      });
    if (steps.length > 0)
      throw new TilewrightError('bad-argument', {
        subject: 'recipe',
        problem: `'${step}' stands behind '${steps.at(-1)}'`,
        requirement: 'what changes the shape of a model stands first',
        fix: 'put it first',
      });
    edits.push(method.make(words.slice(1).filter((word) => word !== method.name)));
  }
  return { edits, steps };
}

/** A folder's model after edits, and the fields of its config that these changed. Throws what edits throw. */
export async function editFolder(
  device: Device,
  opened: OpenedFolder,
  edits: readonly ModelEdit[],
  windows: readonly (readonly number[])[],
  signal: AbortSignal,
): Promise<{
  readonly opened: OpenedFolder;
  readonly config: Awaited<ReturnType<typeof editModel>>['config'];
}> {
  const { folder, model } = opened;
  const edited = await editModel(device, folder, opened, edits, {
    windows,
    codecs: weightCodecs,
    signal,
    open: (source) =>
      openModel(source, {
        formats: weightFamilies,
        capacity: model.tasks.capacity,
        maxTokens: model.graph.symbols.tokens!.max,
        // They were said when the folder was opened.
        onWarning: () => undefined,
      }),
  });
  return { opened: { ...edited.opened, folder }, config: edited.config };
}
