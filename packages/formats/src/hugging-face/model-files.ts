import { checkOptions } from '@tilewright/kernels';
import { badFile, shown } from '../bad-file.ts';
import { isJsonObject, parseJson, type JsonObject } from '../json/parse-json.ts';
import { blobSource, bytesSource, readText, type ByteSource } from '../source/source.ts';
import { openUrl, type UrlOptions } from '../source/url.ts';

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
 * static host.
 */
export function urlFiles(base: string | URL, options: UrlOptions = {}): ModelFiles {
  checkOptions('urlFiles', options, ['headers', 'signal']);
  const name = String(base).replace(/\/*$/, '/');
  return { name, open: (fileName) => openUrl(name + encodePath(fileName), options) };
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/**
 * The files a user chose or dropped in a page: a FileList of an `<input webkitdirectory>`, or a list of
 * Files.
 */
export function chosenFiles(files: Iterable<File>): ModelFiles {
  const byName = new Map<string, File>();
  for (const file of files) {
    const path = 'webkitRelativePath' in file ? String(file.webkitRelativePath) : '';
    // `folder/config.json` lies in the chosen folder itself.
    byName.set(path.split('/').slice(1).join('/') || file.name, file);
  }
  return {
    name: 'the chosen files',
    open: async (fileName) => {
      const file = byName.get(fileName);
      return file === undefined ? null : blobSource(file);
    },
  };
}

/** Files in memory, by name. */
export function memoryFiles(files: ReadonlyMap<string, Uint8Array>, name = 'memory'): ModelFiles {
  return {
    name,
    open: async (fileName) => {
      const bytes = files.get(fileName);
      return bytes === undefined ? null : bytesSource(bytes, fileName);
    },
  };
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
