import { isTilewrightError } from '@tilewright/kernels';
import type { HostTensor, StateDict } from '@tilewright/kernels/weights';
import { dense } from '@tilewright/kernels/weights/dense';
import { integer, integerFamily } from '@tilewright/kernels/weights/integer';
import { describe, expect, it } from 'vitest';
import { memoryFiles, type ModelFiles } from '../hugging-face/model-files.ts';
import { readState } from './open.ts';
import { openWeights, shardedSafetensorsParts } from './sharded.ts';
import { writeSafetensors } from './write.ts';

const vector = (count: number, fill: number): HostTensor => ({
  format: dense('u8'),
  shape: [count],
  bytes: new Uint8Array(count).fill(fill),
});
const packed: HostTensor = {
  format: integer({ bits: 4 }),
  shape: [1, 32],
  bytes: new Uint8Array(32).fill(5),
};
const state = new Map([
  ['a', vector(10, 1)],
  ['b', vector(10, 2)],
  ['big', vector(50, 3)],
  ['packed', packed],
  ['c', vector(1, 4)],
]);

/** What states are compared by. */
const plain = (tensors: StateDict): unknown =>
  [...tensors].map(([name, { format, ...rest }]) => [name, format.id, rest]);

/** Files of joined parts, with some replaced. */
function folder(changes: Record<string, Uint8Array | string | null> = {}): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [name, parts] of shardedSafetensorsParts(state, 24, { format: 'pt' })) {
    files.set(name, Uint8Array.from(parts.flatMap((part) => [...part])));
  }
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) files.delete(name);
    else files.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }
  return files;
}

const index = (weight_map: unknown): Record<string, string> => ({
  'model.safetensors.index.json': JSON.stringify({ metadata: {}, weight_map }),
});

describe('sharded weights', () => {
  it('are written in shards of the size asked for, and read as one', async () => {
    const files = folder();
    expect([...files.keys()]).toEqual([
      'model-00001-of-00004.safetensors',
      'model-00002-of-00004.safetensors',
      'model-00003-of-00004.safetensors',
      'model-00004-of-00004.safetensors',
      'model.safetensors.index.json',
    ]);
    expect(JSON.parse(new TextDecoder().decode(files.get('model.safetensors.index.json')))).toEqual({
      metadata: { total_size: 103 },
      weight_map: {
        a: 'model-00001-of-00004.safetensors',
        b: 'model-00001-of-00004.safetensors',
        big: 'model-00002-of-00004.safetensors',
        packed: 'model-00003-of-00004.safetensors',
        c: 'model-00004-of-00004.safetensors',
      },
    });
    const weights = await openWeights(memoryFiles(files), { formats: [integerFamily] });
    expect(weights.metadata).toEqual({ format: 'pt' });
    expect(plain(await readState(weights))).toEqual(plain(state));
  });

  it('come second to a single file', async () => {
    const single = writeSafetensors(new Map([['only', vector(2, 9)]]));
    const weights = await openWeights(memoryFiles(folder({ 'model.safetensors': single })));
    expect([...weights.tensors.keys()]).toEqual(['only']);
  });

  it('ignore tensors that the index does not name', async () => {
    const weights = await openWeights(memoryFiles(folder(index({ a: 'model-00001-of-00004.safetensors' }))));
    expect([...weights.tensors.keys()]).toEqual(['a']);
  });

  it('report progress as they are read', async () => {
    const seen: string[] = [];
    const weights = await openWeights(memoryFiles(folder()), { formats: [integerFamily] });
    await readState(weights, (read, total) => seen.push(`${read}/${total}`));
    expect(seen).toHaveLength(5);
    expect(seen.at(-1)).toBe('103/103');
  });

  const again = 'Fix: get the file again.';
  it.each([
    [
      'no weights',
      { 'model.safetensors.index.json': null },
      '[model.safetensors] there is neither this nor model.safetensors.index.json in memory; the weights must be safetensors, whole or in shards. Fix: convert other weights with the safetensors tools of Hugging Face.',
    ],
    [
      'a missing shard',
      { 'model-00002-of-00004.safetensors': null },
      '[model-00002-of-00004.safetensors] there is no such file in memory; model.safetensors.index.json names it. Fix: point at a model in the Hugging Face layout, and check that all its files are there.',
    ],
    [
      'a tensor that its shard lacks',
      index({ z: 'model-00002-of-00004.safetensors' }),
      '[model-00002-of-00004.safetensors] tensor "z" is not in the file; model.safetensors.index.json puts it there. Fix: get the shards and the index again, from one version of the model.',
    ],
    [
      'an index without a map',
      { 'model.safetensors.index.json': '{}' },
      `[model.safetensors.index.json] weight_map is nothing; an object from tensor names to file names is required. ${again}`,
    ],
    [
      'an index that is a list',
      { 'model.safetensors.index.json': '[]' },
      '[model.safetensors.index.json] the file is not a JSON object; an object with named fields is required. Fix: check that it is the file it claims to be.',
    ],
    [
      'a file name that is none',
      index({ a: 3 }),
      `[model.safetensors.index.json] weight_map puts tensor "a" in 3; a file name is required. ${again}`,
    ],
    [
      'a tensor named twice',
      { 'model.safetensors.index.json': '{"weight_map":{"a":"x","a":"y"}}' },
      '[model.safetensors.index.json] the file names "a" twice; a name may appear once in an object, or its meaning is a guess. Fix: write the file again with distinct names.',
    ],
    [
      'a damaged shard',
      { 'model-00002-of-00004.safetensors': 'short' },
      '[model-00002-of-00004.safetensors] the file has 5 bytes; a safetensors file starts with the length of its header, 8 bytes. Fix: get the file again, it may be damaged or not safetensors.',
    ],
  ] as const)('are refused for %s, and what was opened is closed', async (_, changes, message) => {
    const inner = memoryFiles(folder(changes));
    let open = 0;
    const files: ModelFiles = {
      name: inner.name,
      open: async (fileName) => {
        const source = await inner.open(fileName);
        if (source === null) return null;
        open++;
        return { ...source, close: async () => void open-- };
      },
    };
    const error: unknown = await openWeights(files, { formats: [integerFamily] }).catch(
      (reason: unknown) => reason,
    );
    expect(error instanceof Error && error.message).toBe(message);
    expect(isTilewrightError(error) && error.code).toBe('bad-file');
    expect(open).toBe(0);
  });

  it.each(['../secret.safetensors', '/etc/passwd', 'a\\b', 'https://elsewhere/x', '.hidden', ''])(
    'may not lie elsewhere: %j',
    async (fileName) => {
      await expect(openWeights(memoryFiles(folder(index({ a: fileName }))))).rejects.toThrow(
        `[model.safetensors.index.json] a shard is called ${JSON.stringify(fileName)}; shards lie in the same folder, under names of letters, digits, dots, dashes and underscores. Fix: write the model again with plain file names.`,
      );
    },
  );

  it('are at least one byte', () => {
    expect(() => shardedSafetensorsParts(state, 0)).toThrow(
      '[shardedSafetensorsParts] maxShardBytes is 0; it must be a number from 1 on. Fix: give a number from 1 on.',
    );
  });
});
