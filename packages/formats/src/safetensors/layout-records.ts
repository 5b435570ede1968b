// A compressed tensor is stored as a plain list of u32 words, so any safetensors reader opens the file; what
// the words mean is said in the metadata, under one key:
//   {"version":1,"tensors":{"model.layers.0.mlp.up_proj.weight":{"layout":"int4-g32+2:4","shape":[384,128]}}}

import { isTilewrightError } from '@tilewright/kernels';
import {
  layoutBytes,
  layoutName,
  parseLayout,
  type Layout,
  type StateDict,
} from '@tilewright/kernels/layouts';
import { badFile, shown } from '../bad-file.ts';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../json/parse-json.ts';
import type { Header, HeaderTensor } from './header.ts';
import { parseShape } from './shape.ts';

/** The metadata key that holds the layouts; kept out of what users see as metadata. */
export const layoutsKey = 'tilewright.layouts';

/** What a compressed tensor is, beyond its words. */
export interface LayoutRecord {
  readonly layout: Layout;
  readonly shape: readonly number[];
}

/** The value of {@link layoutsKey} for a state, or undefined where every tensor is dense. */
export function formatLayoutRecords(state: StateDict): string | undefined {
  const packed = [...state].filter(([, tensor]) => tensor.layout.kind !== 'dense');
  if (packed.length === 0) return undefined;
  const records = packed.map(
    ([name, { layout, shape }]) => [name, { layout: layoutName(layout), shape }] as const,
  );
  return JSON.stringify({ version: 1, tensors: Object.fromEntries(records) });
}

/**
 * The records of a file by tensor name. Throws `bad-file` for records that are malformed or fit no tensor of
 * the file.
 */
export function parseLayoutRecords(header: Header, subject: string): ReadonlyMap<string, LayoutRecord> {
  const records = new Map<string, LayoutRecord>();
  const text = header.metadata[layoutsKey];
  if (!Object.hasOwn(header.metadata, layoutsKey) || text === undefined) return records;
  const stored = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const root = parseJson(text, { subject, part: `metadata ${layoutsKey}`, maxDepth: 4 });
  for (const [name, record] of recordsOf(root, subject)) {
    const of = `tensor ${shown(name)}`;
    const tensor = stored.get(name);
    if (!isJsonObject(record) || tensor === undefined) {
      throw badRecord(
        subject,
        tensor === undefined ? `names ${of}, which the file lacks` : `gives ${of} as ${shown(record)}`,
      );
    }
    const shape = parseShape(record.get('shape'), subject, of);
    const layout = parseLayoutName(record.get('layout'), subject, of);
    checkSize({ layout, shape }, tensor, subject, of);
    records.set(name, { layout, shape });
  }
  return records;
}

function recordsOf(root: Json, subject: string): JsonObject {
  const version = isJsonObject(root) ? root.get('version') : undefined;
  const tensors = isJsonObject(root) ? root.get('tensors') : undefined;
  if (version !== 1) throw badRecord(subject, `has version ${shown(version)}`);
  if (!isJsonObject(tensors)) throw badRecord(subject, `gives its tensors as ${shown(tensors)}`);
  return tensors;
}

function parseLayoutName(name: Json | undefined, subject: string, of: string): Layout {
  if (typeof name === 'string' && name.length <= 64) {
    try {
      const layout = parseLayout(name);
      if (layout.kind !== 'dense') return layout;
    } catch (cause) {
      throw badRecord(subject, `gives ${of} the layout ${shown(name)}`, cause);
    }
  }
  throw badRecord(subject, `gives ${of} the layout ${shown(name)}`);
}

function checkSize({ layout, shape }: LayoutRecord, tensor: HeaderTensor, subject: string, of: string): void {
  const stored = tensor.end - tensor.start;
  let wanted: number;
  try {
    wanted = layoutBytes(layout, shape);
  } catch (cause) {
    if (!isTilewrightError(cause)) throw cause;
    throw badRecord(
      subject,
      `gives ${of} the shape ${shown(shape)}, which ${layoutName(layout)} cannot have`,
      cause,
    );
  }
  if (tensor.dtype === 'u32' && tensor.shape.length === 1 && stored === wanted) return;
  throw badFile(
    subject,
    `${of} is stored as ${tensor.dtype} ${shown(tensor.shape)}, ${stored} bytes`,
    `${layoutName(layout)} of shape ${shown(shape)} is stored as a list of u32 words, ${wanted} bytes`,
    'write the file again with writeSafetensors',
  );
}

function badRecord(subject: string, problem: string, cause?: unknown): Error {
  return badFile(
    subject,
    `metadata ${layoutsKey} ${problem}`,
    'version 1 has, for each compressed tensor of the file, the name of its layout and its shape',
    'write the file again with writeSafetensors, or update this package if the file is newer',
    cause,
  );
}
