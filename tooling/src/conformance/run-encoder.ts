// A model that makes vectors of texts, held against the inputs and outputs of an `expected.json`.
import {
  embed,
  encode,
  type EmbeddingModel,
  type EmbeddingTasks,
  loadEmbeddingModel,
  type OpenedModel,
} from '@tilewright/models';
import type { Device } from '@tilewright/runtime';
import { isRecord } from './case-file.ts';

interface ExpectedArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What an encoder must give, as transformers' forward names it. */
export interface ExpectedVectors {
  readonly inputs: Readonly<Record<string, ExpectedArray>>;
  readonly outputs: Readonly<Record<string, ExpectedArray>>;
}

const isArray = (value: unknown): value is ExpectedArray =>
  isRecord(value) && Array.isArray(value.shape) && Array.isArray(value.data);

export const isExpectedVectors = (
  value: Record<string, unknown>,
): value is Record<string, unknown> & ExpectedVectors =>
  isRecord(value.inputs) &&
  isRecord(value.outputs) &&
  [value.inputs, value.outputs].every((arrays) => Object.values(arrays).every(isArray)) &&
  isArray(value.inputs.input_ids);

const known = {
  inputs: ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'],
  outputs: ['last_hidden_state', 'pooler_output', 'sentence_embedding'],
} as const;

/** Why a case cannot be run: it has an input or an output that no task has. */
export function missingVectors({ inputs, outputs }: ExpectedVectors): string | undefined {
  const unknown = (names: readonly string[], arrays: object): string | undefined =>
    Object.keys(arrays).find((name) => !names.includes(name));
  const name = unknown(known.inputs, inputs) ?? unknown(known.outputs, outputs);
  return name === undefined ? undefined : `no task that has ${name}`;
}

/** One text of a batch: what of its row counts, and where that stands in it. */
interface Text {
  readonly tokens: readonly number[];
  readonly types: readonly number[];
  readonly positions: readonly number[];
  /** The places in the row. */
  readonly places: readonly number[];
}

/** The rows of a batch. Tokens that the mask leaves out are seen by none, so they may as well not be there. */
function textsOf({ inputs }: ExpectedVectors): readonly Text[] | string {
  const ids = inputs.input_ids!;
  const [rows = 0, width = 0] = ids.shape;
  const texts: Text[] = [];
  for (let row = 0; row < rows; row++) {
    const rowOf = (
      array: ExpectedArray | undefined,
      otherwise: (place: number) => number,
    ): readonly number[] =>
      array?.data.slice(row * width, (row + 1) * width) ??
      Array.from({ length: width }, (_, place) => otherwise(place));
    const mask = rowOf(inputs.attention_mask, () => 1);
    const places = [...mask.keys()].filter((place) => mask[place] !== 0);
    if (places.length === 0) return `the mask of row ${row} leaves no token`;
    const kept = (array: readonly number[]): readonly number[] => places.map((place) => array[place]!);
    texts.push({
      tokens: kept(rowOf(ids, () => 0)),
      types: kept(rowOf(inputs.token_type_ids, () => 0)),
      positions: kept(rowOf(inputs.position_ids, (place) => place)),
      places,
    });
  }
  return texts;
}

/** Runs every text by itself. `bound` is of the largest magnitude of an output. */
export async function comparedVectors(
  device: Device,
  opened: OpenedModel<EmbeddingTasks>,
  expected: ExpectedVectors,
  bound: number,
): Promise<{ readonly worst: number; readonly problem: string | undefined }> {
  const texts = textsOf(expected);
  if (typeof texts === 'string') return { worst: Infinity, problem: texts };
  const model = await loadEmbeddingModel(device, opened, { pooled: 'pooler_output' in expected.outputs });
  try {
    let worst = 0;
    for (const [name, want] of Object.entries(expected.outputs)) {
      const largest = Math.max(...want.data.map(Math.abs));
      const width = want.shape.at(-1)!;
      const stride = want.data.length / texts.length;
      for (const [row, text] of texts.entries()) {
        const got = await outputOf(model, name, text);
        const vectors = name === 'last_hidden_state' ? text.places : [0];
        if (got.length !== vectors.length * width)
          return {
            worst: Infinity,
            problem: `${name} has ${got.length} numbers instead of ${vectors.length * width}`,
          };
        // What the pooler makes of a token that the mask leaves out means nothing.
        if (name === 'pooler_output' && text.places[0] !== 0) continue;
        const wanted = vectors.flatMap((place) => {
          const from = row * stride + place * width;
          return want.data.slice(from, from + width);
        });
        // A NaN is worse than everything.
        const off = Math.max(...wanted.map((value, i) => Math.abs(got[i]! - value) / largest));
        if (!(off <= bound))
          return { worst: off, problem: `${name} of row ${row} is off by ${off} of the largest` };
        worst = Math.max(worst, off);
      }
    }
    return { worst, problem: undefined };
  } finally {
    model.dispose();
  }
}

async function outputOf(model: EmbeddingModel, name: string, text: Text): Promise<ArrayLike<number>> {
  const { tokens, types, positions } = text;
  const input = { tokens, types, positions };
  if (name === 'sentence_embedding')
    return (await embed(model, [input], { pooling: 'mean', normalize: true }))[0]!;
  const { hidden, pooled } = await encode(model, input);
  return name === 'pooler_output' ? pooled! : hidden;
}
