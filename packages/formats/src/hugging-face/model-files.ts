import { aKindOf, awaitFix, checkOptions, having, listOf, TilewrightError } from '@tilewright/kernels';
import { badFile, shown } from '../bad-file.ts';
import { isJsonObject, parseJson, type JsonObject } from '../json/parse-json.ts';
import { blobSource, bytesSource, readText, type ByteSource } from '../source/source.ts';
import { givenBytes } from '../source/given-bytes.ts';
import { address, openUrl, urlKinds, type UrlOptions } from '../source/url.ts';

/** The files of one model, wherever they lie: a folder on disk, an address, files a user chose, memory. */
export interface ModelFiles {
  /** What error messages call the place. */
  readonly name: string;
  /**
   * Opens a file by its name, or by its path with `/` where it lies in a folder of the model's; gives null where there is none. The
   * caller closes what it opens.
   */
  open(fileName: string): Promise<ByteSource | null>;
}

/**
 * The files below an address, by HTTP ranges: `https://huggingface.co/OWNER/MODEL/resolve/main/` or any
 * static host. A query of the address goes with every file. Throws `bad-argument` for what is no address, and for options.
 */
export function urlFiles(base: string | URL, options: UrlOptions = {}): ModelFiles {
  checkOptions('urlFiles', { base }, { base: address });
  checkOptions('urlFiles', options, urlKinds());
  const place = String(base).replace(/#.*/, '');
  const at = place.search(/\?|$/);
  const folder = place.slice(0, at).replace(/\/*$/, '/');
  const query = place.slice(at);
  return {
    name: folder + query,
    open: (fileName) => openUrl(folder + encodePath(fileName) + query, options),
  };
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/**
 * The files a user chose or dropped in a page: a FileList of an `<input webkitdirectory>`, or a list of
 * Files. Throws `bad-argument` for what is no file, and for two files of one name.
 */
export function chosenFiles(files: Iterable<File>): ModelFiles {
  const isIterable = typeof (files as Iterable<File> | undefined)?.[Symbol.iterator] === 'function';
  const list = isIterable ? [...files] : files;
  checkOptions('chosenFiles', { files: list }, { files: listOf(having('a File', 'name', 'slice')) });
  const byName = new Map<string, File>();
  for (const file of list) {
    const path = 'webkitRelativePath' in file ? String(file.webkitRelativePath) : '';
    // `folder/config.json` lies in the chosen folder itself.
    const name = path.split('/').slice(1).join('/') || file.name;
    if (byName.has(name))
      throw new TilewrightError('bad-argument', {
        subject: 'chosenFiles',
        problem: `two files are called ${shown(name)}`,
        requirement: 'a model has one file of each name',
        fix: 'choose the folder of one model',
      });
    byName.set(name, file);
  }
  return {
    name: 'the chosen files',
    open: async (fileName) => {
      const file = byName.get(fileName);
      return file === undefined ? null : blobSource(file);
    },
  };
}

/** Files in memory, by name. Throws `bad-argument` for what is no Map, or a Map of what is no bytes. */
export function memoryFiles(files: ReadonlyMap<string, Uint8Array>, name = 'memory'): ModelFiles {
  checkOptions('memoryFiles', { files }, { files: having('a Map of bytes by name', 'get', 'size') });
  const byName = Object.fromEntries(files);
  const kinds = Object.fromEntries(Object.keys(byName).map((file) => [file, givenBytes]));
  checkOptions('memoryFiles', byName, kinds);
  return {
    name,
    open: async (fileName) => {
      const bytes = files.get(fileName);
      return bytes === undefined ? null : bytesSource(bytes, fileName);
    },
  };
}

/** Throws `bad-argument` for what is no files. */
export function checkFiles(subject: string, files: unknown): void {
  if (typeof (files as ModelFiles | undefined)?.open === 'function') return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the files are ${aKindOf(files)}`,
    requirement: 'they are what urlFiles, chosenFiles, memoryFiles or folderFiles gives',
    fix: awaitFix(files, 'for a path on disk use openModelFolderAt of @tilewright/formats/node'),
  });
}

/** {@link ModelFiles.open} for a file that must be there. Throws `bad-file` where it is not. */
export async function openRequired(
  files: ModelFiles,
  fileName: string,
  purpose: string,
): Promise<ByteSource> {
  const source = await files.open(fileName);
  if (source !== null) return source;
  throw badFile(
    fileName,
    `there is no such file in ${files.name}`,
    purpose,
    'point at a model in the Hugging Face layout, and check that all its files are there',
  );
}

/** A whole text file, or null where there is none. */
export async function readTextFile(
  files: ModelFiles,
  fileName: string,
  maxBytes: number,
): Promise<string | null> {
  const source = await files.open(fileName);
  if (source === null) return null;
  try {
    return await readText(source, maxBytes);
  } finally {
    await source.close();
  }
}

/** A JSON text whose outermost value must be an object. Throws `bad-file` otherwise. */
export function parseObject(text: string, fileName: string): JsonObject {
  const value = parseJson(text, { subject: fileName, part: 'the file', maxDepth: 32 });
  if (isJsonObject(value)) return value;
  throw badFile(
    fileName,
    'the file is not a JSON object',
    'an object with named fields is required',
    'check that it is the file it claims to be',
  );
}

/** Refuses names that could lead out of the folder or to another host. */
export function plainFileName(fileName: string, subject: string): string {
  if (/^[\w.-]+$/.test(fileName) && !fileName.startsWith('.')) return fileName;
  throw badFile(
    subject,
    `a shard is called ${shown(fileName)}`,
    'shards lie in the same folder, under names of letters, digits, dots, dashes and underscores',
    'write the model again with plain file names',
  );
}
