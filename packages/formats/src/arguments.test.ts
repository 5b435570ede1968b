// What functions say of arguments that are no such thing.
import { isTilewrightError } from '@tilewright/kernels';
import { afterEach, expect, it, vi } from 'vitest';
import { chosenFiles, memoryFiles, urlFiles } from './hugging-face/model-files.ts';
import { openModelFolder } from './hugging-face/model-source.ts';
import { openSafetensorsFile, writeSafetensorsFile } from './node.ts';
import { openSafetensors, readState } from './safetensors/open.ts';
import { openWeights } from './safetensors/sharded.ts';
import { writeSafetensors } from './safetensors/write.ts';
import { fileSource } from './source/file.ts';
import { blobSource, bytesSource } from './source/given-bytes.ts';
import { urlSource } from './source/url.ts';

afterEach(() => vi.unstubAllGlobals());

const bytes = writeSafetensors(new Map());
const must = (subject: string, name: string, shown: string, what: string): string =>
  `bad-argument: [${subject}] ${name} is ${shown}; it must be ${what}. Fix: give ${what}.`;
const families = 'a list, of which each is a family of formats';

it.each<[string, () => unknown, string]>([
  [
    'a family by its name',
    () => openSafetensors(bytes, { formats: 'integer' } as never),
    must('openSafetensors', 'formats', "'integer'", families),
  ],
  [
    'families that are none',
    () => openSafetensors(bytes, { formats: [3] } as never),
    must('openSafetensors', 'formats', '[3]', families),
  ],
  [
    'families of a folder that are none',
    () => openWeights(memoryFiles(new Map()), { formats: [{}] } as never),
    must('openWeights', 'formats', '[an object]', families),
  ],
  [
    'families of a file on disk that are none',
    () => openSafetensorsFile('w.safetensors', { formats: [3] } as never),
    must('openSafetensorsFile', 'formats', '[3]', families),
  ],
  [
    'options of a folder',
    () => openModelFolder(memoryFiles(new Map()), { unknown: 1 } as never),
    "bad-argument: [openModelFolder] there is no option 'unknown'; known are none. Fix: remove it.",
  ],
  ['no address', () => urlFiles(undefined as never), must('urlFiles', 'base', 'undefined', 'an address')],
  ['an empty address', () => urlFiles(''), must('urlFiles', 'base', "''", 'an address')],
  ['a number as an address', () => urlFiles(3 as never), must('urlFiles', 'base', '3', 'an address')],
  [
    'headers that are a text',
    () => urlFiles('https://models.example/a', { headers: 'x' } as never),
    must('urlFiles', 'headers', "'x'", 'texts by name'),
  ],
  [
    'headers that are not plain',
    () => urlSource('https://models.example/a', { headers: new Headers() } as never),
    must('urlSource', 'headers', 'a Headers', 'texts by name'),
  ],
  [
    'memory of texts',
    () => memoryFiles(new Map([['config.json', '{}']]) as never),
    must('memoryFiles', 'config.json', "'{}'", 'a Uint8Array or an ArrayBuffer'),
  ],
  [
    'memory that was not awaited',
    () => memoryFiles(new Map([['config.json', Promise.resolve(bytes)]]) as never),
    'bad-argument: [memoryFiles] config.json is a promise; it must be a Uint8Array or an ArrayBuffer. Fix: write await in front of it.',
  ],
  [
    'bytes that are numbers',
    () => bytesSource(new Float32Array(2) as never),
    must('bytesSource', 'bytes', 'a Float32Array', 'a Uint8Array or an ArrayBuffer'),
  ],
  [
    'a Blob that is a text',
    () => blobSource('text' as never),
    must('blobSource', 'blob', "'text'", 'a Blob or a File'),
  ],
  [
    'weights of no files',
    () => openWeights(Promise.resolve() as never),
    'bad-argument: [openWeights] the files are a promise; they are what urlFiles, chosenFiles, memoryFiles or folderFiles gives. ' +
      'Fix: write await in front of it.',
  ],
  [
    'a state of a file that was not awaited',
    () => readState(openSafetensors(bytes) as never),
    'bad-argument: [readState] file is a promise; it must be what openSafetensors gives. Fix: write await in front of it.',
  ],
  [
    'options that were not awaited',
    () => openSafetensors(bytes, Promise.resolve({}) as never),
    'bad-argument: [openSafetensors] the argument is a promise; it must be an object of formats. Fix: write await in front of it.',
  ],
  [
    'an address that is none',
    () => urlSource({} as never),
    must('urlSource', 'url', 'an object', 'an address'),
  ],
  [
    'a file to write that has no path',
    () => writeSafetensorsFile(undefined as never, new Map()),
    'bad-argument: [writeSafetensorsFile] the path is undefined; it must be a string that names a place. Fix: name a place on disk.',
  ],
  [
    'memory that is no Map',
    () => memoryFiles({} as never),
    must('memoryFiles', 'files', 'an object', 'a Map of bytes by name'),
  ],
  [
    'chosen files that are none',
    () => chosenFiles([1] as never),
    must('chosenFiles', 'files', '[1]', 'a list, of which each is a File'),
  ],
  [
    'chosen files that are no list',
    () => chosenFiles(3 as never),
    must('chosenFiles', 'files', '3', 'a list, of which each is a File'),
  ],
  [
    'two chosen files of one name',
    () => chosenFiles([new File(['a'], 'config.json'), new File(['b'], 'config.json')]),
    'bad-argument: [chosenFiles] two files are called "config.json"; a model has one file of each name. Fix: choose the folder ' +
      'of one model.',
  ],
  [
    'metadata that are numbers',
    () => writeSafetensors(new Map(), { a: 1 } as never),
    must('writeSafetensors', 'metadata', 'an object', 'texts by name'),
  ],
  [
    'a state that is no Map',
    () => writeSafetensors({} as never),
    must('writeSafetensors', 'state', 'an object', 'a Map of tensors by name'),
  ],
  [
    'a source of no path',
    () => fileSource(undefined as never),
    'bad-argument: [fileSource] the path is undefined; it must be a string that names a place. Fix: name a place on disk.',
  ],
])('refuses %s', async (_, work, message) => {
  let said = 'nothing was refused';
  try {
    await work();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    said = `${error.code}: ${error.message}`;
  }
  expect(said).toBe(message);
});

it('a query of an address goes behind the path of every file', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return new Response(null, { status: 404 });
  });
  const files = urlFiles('https://models.example/a/?revision=b/c#top');
  expect(files.name).toBe('https://models.example/a/?revision=b/c');
  expect(await files.open('config.json')).toBe(null);
  await urlFiles(new URL('https://models.example/a')).open('original/config.json');
  expect(asked).toEqual([
    'https://models.example/a/config.json?revision=b/c',
    'https://models.example/a/original/config.json',
  ]);
});
