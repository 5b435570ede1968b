import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isTilewrightError } from '@tilewright/kernels';
import type { HostTensor, StateDict } from '@tilewright/kernels/weights';
import { dense, unpackDense } from '@tilewright/kernels/weights/dense';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  folderFiles,
  openModelFolderAt,
  openSafetensorsFile,
  writeParts,
  writeSafetensorsFile,
} from '../node.ts';
import { openSafetensors, readState } from '../safetensors/open.ts';
import { openWeights, shardedSafetensorsParts } from '../safetensors/sharded.ts';
import { writeSafetensors } from '../safetensors/write.ts';
import { urlSource } from '../source/url.ts';
import { chosenFiles, memoryFiles, type ModelFiles, urlFiles } from './model-files.ts';
import { openModelFolder } from './model-source.ts';

const config = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 128,
  intermediate_size: 256,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  vocab_size: 64,
  torch_dtype: 'bfloat16',
  bos_token_id: 1,
  eos_token_id: 2,
};
const weight: HostTensor = {
  format: dense('bf16'),
  shape: [2, 2],
  bytes: Uint8Array.of(0x80, 0x3f, 0, 0x40, 0x40, 0xc0, 0, 0),
};
const state = new Map([
  ['model.embed_tokens.weight', weight],
  ['model.norm.weight', weight],
]);

function files(changes: Record<string, string | null> = {}): ModelFiles {
  const contents = new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify(config))],
    ['model.safetensors', writeSafetensors(state)],
  ]);
  for (const [name, text] of Object.entries(changes)) {
    if (text === null) contents.delete(name);
    else contents.set(name, new TextEncoder().encode(text));
  }
  return memoryFiles(contents, 'tiny-llama');
}

describe('openModelFolder', () => {
  it('opens the least there can be: a config and weights', async () => {
    const folder = await openModelFolder(files());
    expect(folder.name).toBe('tiny-llama');
    expect(folder.kind).toBe('hugging-face');
    expect(folder.config.get('torch_dtype')).toBe('bfloat16');
    expect(folder.generation.size).toBe(0);
    expect(await folder.tokenizerFiles()).toBe(null);
    const weights = await folder.openWeights();
    expect([...weights.tensors.keys()]).toEqual(['model.embed_tokens.weight', 'model.norm.weight']);
    const read = await weights.tensors.get('model.norm.weight')?.read();
    expect(read && [...unpackDense(read)]).toEqual([1, 2, -3, 0]);
    await folder.close();
  });

  it('reads past a byte order mark', async () => {
    const folder = await openModelFolder(
      files({
        'config.json': '\uFEFF{"model_type": "llama"}',
        'generation_config.json': '\uFEFF{"top_k": 1}',
        'tokenizer.json': '\uFEFF{"version": "1.0"}',
      }),
    );
    expect([...folder.config, ...folder.generation]).toEqual([
      ['model_type', 'llama'],
      ['top_k', 1],
    ]);
    expect(await folder.tokenizerFiles()).toEqual({ tokenizer: { version: '1.0' }, config: {} });
  });

  it('names a tokenizer that is something else', async () => {
    const folder = await openModelFolder(files({ 'tokenizer.json': '<!doctype html>' }));
    await expect(folder.tokenizerFiles()).rejects.toThrow(
      '[tokenizer.json] it is a web page, not the file; it must be JSON. Fix: download',
    );
  });

  it('gives configs as they stand, whatever they say', async () => {
    const folder = await openModelFolder(
      files({
        'config.json': '{"architectures": ["Any"], "top": {"a": 1}}',
        'generation_config.json': '{"top_p": 7}',
      }),
    );
    expect(folder.config.get('architectures')).toEqual(['Any']);
    expect([...folder.generation]).toEqual([['top_p', 7]]);
  });

  it('gives the tokenizer files as they are, whatever names they hold', async () => {
    const text = '{"model": {"vocab": {"__proto__": 1, "hello": 2}}}';
    const folder = await openModelFolder(files({ 'tokenizer.json': text }));
    const tokenizerFiles = await folder.tokenizerFiles();
    expect(JSON.stringify(tokenizerFiles)).toBe(
      '{"tokenizer":{"model":{"vocab":{"__proto__":1,"hello":2}}},"config":{}}',
    );
  });

  it('reads other JSON files, also of folders in it, and after it was closed', async () => {
    const folder = await openModelFolder(
      files({ 'modules.json': '[{"path": ""}]', '1_Pooling/config.json': '{"a":' }),
    );
    await folder.close();
    expect(await folder.json('modules.json')).toEqual([new Map([['path', '']])]);
    expect(await folder.json('2_Normalize/config.json')).toBe(null);
    await expect(folder.json('1_Pooling/config.json')).rejects.toThrow(
      '[1_Pooling/config.json] the file is not JSON: a value was expected at character 5, not the end; the file must be valid ' +
        'JSON. Fix: get the file again, it may be damaged or another kind of file.',
    );
  });

  it('asks an address for a file in a folder by its path', async () => {
    const asked: string[] = [];
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
      asked.push(String(url));
      return new Response(null, { status: 404 });
    });
    expect(await urlFiles('https://example.org/model').open('1 Pooling/config?.json')).toBe(null);
    expect(asked[0]).toBe('https://example.org/model/1%20Pooling/config%3F.json');
    fetched.mockRestore();
  });

  it('opens files that a user chose by their paths in the folder', async () => {
    const file = (path: string, content: string): File => {
      const chosen = new File([content], path.split('/').at(-1) ?? '');
      return Object.defineProperty(chosen, 'webkitRelativePath', { value: path });
    };
    const chosen = chosenFiles([
      file('tiny/config.json', 'right'),
      file('tiny/original/config.json', 'wrong'),
      new File(['bare'], 'bare.json'),
    ]);
    const source = await chosen.open('config.json');
    expect(source && new TextDecoder().decode(await source.read(0, source.sizeBytes))).toBe('right');
    expect((await chosen.open('bare.json'))?.sizeBytes).toBe(4);
    expect((await chosen.open('original/config.json'))?.sizeBytes).toBe(5);
    expect(await chosen.open('original')).toBe(null);
  });

  const layout = 'Fix: point at a model in the Hugging Face layout, and check that all its files are there.';
  it.each([
    [
      'bad-file',
      { 'config.json': null },
      `[config.json] there is no such file in tiny-llama; it says what the weights mean. ${layout}`,
    ],
    [
      'bad-file',
      { 'config.json': '<html>' },
      '[config.json] it is a web page, not the file; it must be JSON. Fix: download the file by its raw address (.../resolve/main/...), signed in where the model asks for it.',
    ],
    [
      'bad-file',
      { 'config.json': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' },
      '[config.json] it is a Git LFS pointer, not the file that it points to; it must be JSON. Fix: run git lfs pull where the model was cloned, or download the file itself.',
    ],
    [
      'bad-file',
      { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' },
      '[model.safetensors] it is a Git LFS pointer, not the file that it points to; it must be safetensors. Fix: run git lfs pull where the model was cloned, or download the file itself.',
    ],
    [
      'bad-file',
      { 'model.safetensors': '\n<!DOCTYPE html>\n<title>Sign in</title>' },
      '[model.safetensors] it is a web page, not the file; it must be safetensors. Fix: download the file by its raw address (.../resolve/main/...), signed in where the model asks for it.',
    ],
    [
      'bad-file',
      { 'model.safetensors': 'Entry not found' },
      '[model.safetensors] it is the answer of a server that refused the file; it must be safetensors. Fix: check the address, and sign in where the model asks for it.',
    ],
    [
      'bad-file',
      { 'model.safetensors': '{"error":"Invalid username or password."}' },
      '[model.safetensors] it is the text "{\\"error\\":\\"Invalid username or password.\\""; it must be safetensors. Fix: get the file again, it may be damaged or not safetensors.',
    ],
    [
      'bad-file',
      { 'model.safetensors': 'GGUF\u0003\0\0\0\0\0' },
      '[model.safetensors] it is a GGUF file; it must be safetensors. Fix: take the model in the Hugging Face layout, with safetensors.',
    ],
    [
      'bad-file',
      { 'model.safetensors': 'PK\u0003\u0004........' },
      '[model.safetensors] it is a file of PyTorch: a ZIP archive, or a pickle; it must be safetensors. Fix: convert the weights with the safetensors tools of Hugging Face, or take a model that has them.',
    ],
    [
      'bad-file',
      { 'config.json': '[]' },
      '[config.json] the file is not a JSON object; an object with named fields is required. Fix: check that it is the file it claims to be.',
    ],
    [
      'bad-file',
      { 'generation_config.json': '{' },
      '[generation_config.json] the file is not JSON: a string was expected at character 1, not the end; the file must be valid JSON. Fix: get the file again, it may be damaged or another kind of file.',
    ],
    [
      'bad-file',
      { 'model.safetensors': null },
      '[model.safetensors] there is neither this nor model.safetensors.index.json in tiny-llama; the weights must be safetensors, whole or in shards. Fix: convert other weights with the safetensors tools of Hugging Face.',
    ],
  ] as const)('throws %s for %j', async (code, changes, message) => {
    const opened = openModelFolder(files(changes)).then((folder) => folder.openWeights());
    const error: unknown = await opened.catch((reason: unknown) => reason);
    expect(isTilewrightError(error) && [error.code, error.message]).toEqual([code, message]);
  });

  it.each(['{', '[]', '"text"', 'null'])(
    'throws for the tokenizer file %s, once it is asked for',
    async (text) => {
      const folder = await openModelFolder(files({ 'tokenizer.json': text }));
      await expect(folder.tokenizerFiles()).rejects.toThrow(
        '[tokenizer.json] the file is not a JSON object; a tokenizer is an object with named fields. Fix: get the file again, it may be damaged.',
      );
    },
  );
});

it('an option that nobody knows is refused, and a signal is not', async () => {
  const bytes = writeSafetensors(state);
  await expect(openSafetensors(bytes, { format: [] } as never)).rejects.toThrow(
    "[openSafetensors] there is no option 'format'; known are formats. Fix: write 'formats'.",
  );
  await expect(openWeights(files({}), null as never)).rejects.toThrow(
    '[openWeights] the argument is null; it must be an object of formats. Fix: give an object of formats.',
  );
  expect(() => urlFiles('https://models.example/a', { header: {} } as never)).toThrow(
    "[urlFiles] there is no option 'header'; known are headers, signal. Fix: write 'headers'.",
  );
  await expect(urlSource('https://models.example/a', { timeout: 3 } as never)).rejects.toThrow(
    "[urlSource] there is no option 'timeout'; known are headers, signal. Fix: remove it.",
  );
  expect(urlFiles('https://models.example/a', { signal: AbortSignal.abort() }).name).toBe(
    'https://models.example/a/',
  );
});

it.each([
  ['models/tiny', 'the string models/tiny'],
  [Promise.resolve(), 'a promise'],
  [undefined, 'undefined'],
])('%s is not files', async (value, kind) => {
  await expect(openModelFolder(value as never)).rejects.toThrow(
    `[openModelFolder] the files are ${kind}; they are what urlFiles, chosenFiles, memoryFiles or folderFiles gives. Fix: `,
  );
  await expect(openSafetensors(value as never)).rejects.toThrow(
    `[openSafetensors] the file is ${kind}; it is bytes, a Blob, a URL or a ByteSource. Fix: `,
  );
});

describe('on disk', () => {
  let path = '';
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'tilewright-'));
  });
  afterAll(() => rm(path, { recursive: true }));

  it('a sharded folder is written and opened', async () => {
    await writeFile(join(path, 'config.json'), JSON.stringify(config));
    for (const [name, parts] of shardedSafetensorsParts(state, 8)) await writeParts(join(path, name), parts);
    const folder = await openModelFolderAt(path);
    const plain = (tensors: StateDict): unknown =>
      [...tensors].map(([name, { format, ...rest }]) => [name, format.id, rest]);
    expect(plain(await readState(await folder.openWeights()))).toEqual(plain(state));
    await folder.close();
    expect(await folderFiles(path).open('tokenizer.json')).toBe(null);
  });

  it('a file is written whole, and may replace the one its tensors come from', async () => {
    const file = join(path, 'w.safetensors');
    await writeSafetensorsFile(file, state, { step: '1' });
    expect(new Uint8Array(await readFile(file))).toEqual(writeSafetensors(state, { step: '1' }));
    const opened = await openSafetensorsFile(file);
    await writeSafetensorsFile(file, await readState(opened), { step: '2' });
    await opened.close();
    const again = await openSafetensorsFile(file);
    expect(again.metadata).toEqual({ step: '2' });
    await again.close();
    expect((await readdir(path)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says what is no path, and which option nobody knows', async () => {
    await expect(openModelFolderAt(Promise.resolve(path) as never)).rejects.toThrow(
      '[openModelFolderAt] the path is a promise; it must be a string that names a place. Fix: write await in front of it.',
    );
    await expect(openSafetensorsFile(3 as never)).rejects.toThrow(
      '[openSafetensorsFile] the path is the number 3; it must be a string that names a place. Fix: name a place on disk.',
    );
    await expect(openModelFolderAt(path, { strict: true } as never)).rejects.toThrow(
      "[openModelFolderAt] there is no option 'strict'; known are none. Fix: remove it.",
    );
    expect(() => folderFiles('')).toThrow(
      "[folderFiles] the path is ''; it must be a string that names a place. Fix: name a place on disk.",
    );
    await expect(openModelFolderAt('')).rejects.toThrow(
      "[openModelFolderAt] the path is ''; it must be a string that names a place. Fix: name a place on disk.",
    );
    await expect(openSafetensorsFile(path, { format: [] } as never)).rejects.toThrow(
      "[openSafetensorsFile] there is no option 'format'; known are formats. Fix: write 'formats'.",
    );
  });

  it('a write that fails leaves nothing behind', async () => {
    await mkdir(join(path, 'broken'));
    await expect(writeParts(join(path, 'broken'), [Uint8Array.of(1)])).rejects.toThrow('rename');
    expect((await readdir(path)).filter((name) => name.startsWith('broken'))).toEqual(['broken']);
    await expect(writeParts(join(path, 'text'), ['text' as never])).rejects.toThrow(
      '[writeParts] parts is [text]; it must be a list, of which each is a Uint8Array. Fix: give a list, of which each is a Uint8Array.',
    );
  });
});

const shipped = fileURLToPath(new URL('../../../../models/shakespeare-1m', import.meta.url));
describe('the shipped model', () => {
  it('opens, with the sizes its config gives', async () => {
    const { config, generation, openWeights, tokenizerFiles, close } = await openModelFolderAt(shipped);
    const weights = await openWeights();
    expect(Object.fromEntries(config)).toMatchObject({
      hidden_size: 128,
      num_hidden_layers: 6,
      num_key_value_heads: 2,
      torch_dtype: 'float16',
    });
    expect(Object.fromEntries(generation)).toMatchObject({ temperature: 0.8, top_p: 0.95 });
    expect(weights.metadata['val_nats_per_token']).toBe('3.2734');
    expect(weights.tensors.get('model.embed_tokens.weight')).toMatchObject({
      dtype: 'f16',
      shape: [1024, 128],
      sizeBytes: 262_144,
    });
    expect(Object.keys((await tokenizerFiles())?.tokenizer ?? {})).toContain('model');
    const norm = await weights.tensors.get('model.norm.weight')?.read();
    expect(norm && unpackDense(norm).every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
    await close();
  });

  it('is the same after being written and read', async () => {
    const weights = await openSafetensorsFile(join(shipped, 'model.safetensors'));
    const read = await readState(weights);
    const bytes = writeSafetensors(read, weights.metadata);
    const again = await readState(await openSafetensors(bytes));
    expect([...again.keys()].sort()).toEqual([...read.keys()].sort());
    for (const [name, tensor] of again) {
      expect([name, tensor.format.id, tensor.shape]).toEqual([
        name,
        read.get(name)?.format.id,
        read.get(name)?.shape,
      ]);
      expect([name, Buffer.compare(tensor.bytes, read.get(name)?.bytes ?? Buffer.alloc(0))]).toEqual([
        name,
        0,
      ]);
    }
    const original = await readFile(join(shipped, 'model.safetensors'));
    const dataBytes = [...weights.tensors.values()].reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
    // Names in order, dtypes alike: the data come out where they were.
    expect(Buffer.compare(bytes.subarray(-dataBytes), original.subarray(-dataBytes))).toBe(0);
    await weights.close();
  });
});
