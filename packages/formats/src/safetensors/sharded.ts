import type { HostTensor, StateDict } from '@tilewright/kernels/weights';
import { checkOptions, having, type OptionKind } from '@tilewright/kernels';
import { badFile, shown } from '../bad-file.ts';
import {
  checkFiles,
  openRequired,
  parseObject,
  plainFileName,
  readTextFile,
  type ModelFiles,
} from '../hugging-face/model-files.ts';
import { isJsonObject } from '../json/parse-json.ts';
import { inParallel } from '../source/in-parallel.ts';
import { openKinds, openSource, type OpenOptions, type Safetensors, type StoredTensor } from './open.ts';
import { safetensorsParts } from './write.ts';

/** A shard holds at least 1 byte, and may hold any number. */
const positiveNumber: OptionKind = {
  what: 'a number from 1 on',
  accepts: (value) => typeof value === 'number' && value >= 1,
};

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

/**
 * Opens the weights of a folder: `model.safetensors`, or else the shards that `model.safetensors.index.json`
 * names. Reads headers only. Throws `bad-file` where there are neither, where a shard or a tensor that the
 * index names is missing, or where a file is malformed. Tensors that the index does not name do not exist.
 */
export async function openWeights(files: ModelFiles, options: OpenOptions = {}): Promise<Safetensors> {
  checkFiles('openWeights', files);
  checkOptions('openWeights', options, openKinds());
  const single = await files.open(singleFile);
  if (single !== null) return await openSource(single, options);
  const index = await readTextFile(files, indexFile, 2 ** 28);
  if (index === null) {
    throw badFile(
      singleFile,
      `there is neither this nor ${indexFile} in ${files.name}`,
      'the weights must be safetensors, whole or in shards',
      'convert other weights with the safetensors tools of Hugging Face',
    );
  }
  const fileOf = parseWeightMap(index);
  const opened: Safetensors[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((shard) => shard.close()));
  };
  try {
    const shards = await inParallel(new Set(fileOf.values()), 8, async (fileName) => {
      const source = await openRequired(files, fileName, `${indexFile} names it`);
      const shard = await openSource(source, options);
      opened.push(shard);
      return [fileName, shard] as const;
    });
    return { ...merge(fileOf, new Map(shards)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** File names by tensor name. */
function parseWeightMap(text: string): ReadonlyMap<string, string> {
  const map = parseObject(text, indexFile).get('weight_map');
  if (!isJsonObject(map)) {
    throw badFile(
      indexFile,
      `weight_map is ${shown(map)}`,
      'an object from tensor names to file names is required',
      'get the file again',
    );
  }
  const fileOf = new Map<string, string>();
  for (const [name, fileName] of map) {
    if (typeof fileName !== 'string') {
      throw badFile(
        indexFile,
        `weight_map puts tensor ${shown(name)} in ${shown(fileName)}`,
        'a file name is required',
        'get the file again',
      );
    }
    fileOf.set(name, plainFileName(fileName, indexFile));
  }
  return fileOf;
}

function merge(
  fileOf: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, Safetensors>,
): Omit<Safetensors, 'close'> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, fileName] of fileOf) {
    const tensor = shards.get(fileName)?.tensors.get(name);
    if (tensor === undefined) {
      throw badFile(
        fileName,
        `tensor ${shown(name)} is not in the file`,
        `${indexFile} puts it there`,
        'get the shards and the index again, from one version of the model',
      );
    }
    tensors.set(name, tensor);
  }
  const metadata = Object.fromEntries(
    [...shards.values()].flatMap((shard) => Object.entries(shard.metadata)),
  );
  return { metadata, tensors };
}

/**
 * A state as shards of at most `maxShardBytes` of tensors each (a larger tensor gets its own), with the
 * index: file names and the pieces of each, as {@link safetensorsParts} gives them. Throws as that, and
 * `bad-argument` for a size below 1.
 */
export function shardedSafetensorsParts(
  state: StateDict,
  maxShardBytes: number,
  metadata: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, readonly Uint8Array[]> {
  checkOptions(
    'shardedSafetensorsParts',
    { state, maxShardBytes },
    { state: having('a Map of tensors by name', 'get', 'size'), maxShardBytes: positiveNumber },
  );
  const shards = groupBySize(state, maxShardBytes);
  const files = new Map<string, readonly Uint8Array[]>();
  const weightMap: [string, string][] = [];
  shards.forEach((shard, index) => {
    const number = (value: number): string => String(value).padStart(5, '0');
    const fileName = `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    files.set(fileName, safetensorsParts(shard, metadata));
    for (const name of shard.keys()) weightMap.push([name, fileName]);
  });
  const total_size = [...state.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const index = { metadata: { total_size }, weight_map: Object.fromEntries(weightMap) };
  return files.set(indexFile, [new TextEncoder().encode(JSON.stringify(index, null, 2))]);
}

function groupBySize(state: StateDict, maxBytes: number): StateDict[] {
  const groups: Map<string, HostTensor>[] = [];
  let filled = Infinity;
  for (const [name, tensor] of state) {
    filled += tensor.bytes.byteLength;
    if (filled > maxBytes) {
      groups.push(new Map());
      filled = tensor.bytes.byteLength;
    }
    groups.at(-1)?.set(name, tensor);
  }
  return groups;
}
