// A compressed tensor is stored as a plain list of u32 words, so any safetensors reader opens the file; what
// the words mean is said in the metadata, under one key:
//   {"version":1,"tensors":{"model.layers.0.mlp.up_proj.weight":
//     {"format":{"format":"integer","bits":4,"group":32,"zeroPoint":false},"shape":[384,128]}}}

import type { FormatFamily, StateDict, TensorRecord } from '@tilewright/kernels/weights';
import { dense, denseDType, type DenseDType } from '@tilewright/kernels/weights/dense';
import { badFile, shown } from '../bad-file.ts';
import { parseJson, type Json } from '../json/parse-json.ts';
import type { Header } from './header.ts';
import { parseShape } from './shape.ts';

/** The metadata key that holds the formats; kept out of what users see as metadata. */
export const formatsKey = 'tilewright.formats';

/** The value of {@link formatsKey} for a state, or undefined where every tensor is dense. */
export function formatRecords(state: StateDict): string | undefined {
  const packed = [...state].filter(([, { format }]) => denseDType(format) === undefined);
  if (packed.length === 0) return undefined;
  const records = packed.map(
    ([name, { format, shape }]) => [name, { format: format.record, shape }] as const,
  );
  return JSON.stringify({ version: 1, tensors: Object.fromEntries(records) });
}

/**
 * The records of a file by tensor name; `formats` are the families that may occur, besides dense, and the first brings what reads them.
 * Throws `bad-file` for records that are malformed, name another family, or fit no tensor of the file.
 */
export function parseFormatRecords(
  { metadata, tensors }: Header,
  subject: string,
  formats: readonly FormatFamily[],
): ReadonlyMap<string, TensorRecord> {
  if (!Object.hasOwn(metadata, formatsKey)) return new Map();
  const text = metadata[formatsKey]!;
  const [first] = formats;
  if (first === undefined) {
    throw badFile(
      subject,
      `it holds weights in a format of the family ${shown(/"format": *"([^"]*)/.exec(text)?.[1])}`,
      'the families handed over in formats are none',
      'hand over those that it names, from @tilewright/kernels/weights/<format>',
    );
  }
  const part = `metadata ${formatsKey}`;
  return first.records({
    root: parseJson(text, { subject, part, maxDepth: 8 }),
    part,
    tensors: new Map(
      tensors.map(({ name, start, end, ...tensor }) => [name, { ...tensor, sizeBytes: end - start }]),
    ),
    families: formats,
    dense: { family: dense('f32').family, format: (dtype) => dense(dtype as DenseDType) },
    shape: (value, of) => parseShape(value as Json, subject, of),
    refuse: (problem, requirement, fix, cause) => badFile(subject, problem, requirement, fix, cause),
    shown,
  });
}
