// SwiftShader from an npm package, for machines without a GPU, without Mesa and without root.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { TilewrightError } from '@tilewright/kernels';
import { makeFolders } from '../process/make-folders.ts';
import type { Driver } from './drivers.ts';

const packageName = '@sparticuz/chromium';
const manifestName = 'vk_swiftshader_icd.json';
const wanted = ['libvk_swiftshader.so', 'libvulkan.so.1', manifestName];

/**
 * The embedded SwiftShader, unpacked once per user and version (10 MB); `refresh` unpacks it again.
 *
 * Throws `no-adapter` on other machines than Linux x64, `missing-dependency` where the package is not installed and
 * `bad-file` where its archive is not what it was.
 */
export function unpackSwiftShader(options: { readonly refresh?: boolean } = {}): Driver {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new TilewrightError('no-adapter', {
      subject: 'adapter',
      problem: `there is no embedded SwiftShader for ${process.platform} on ${process.arch}`,
      requirement: 'it exists for Linux on x64',
      fix: 'install a Vulkan driver: mesa-vulkan-drivers on Debian and Ubuntu',
    });
  }
  const { archive, version } = locate();
  const folder = join(cacheFolder(), `swiftshader-${version}`);
  const driver: Driver = { name: 'swiftshader', manifest: join(folder, manifestName), origin: 'embedded' };
  if (options.refresh === true) rmSync(folder, { recursive: true, force: true });
  if (existsSync(driver.manifest)) return driver;

  const files = readTar(brotliDecompressSync(readFileSync(archive)), archive);
  // Unpacked beside its place and moved there whole, so that no process sees half of it.
  const staging = mkdtempSync(`${folder}-`);
  for (const [name, bytes] of files) writeFileSync(join(staging, name), bytes);
  try {
    renameSync(staging, folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(driver.manifest)) throw error; // otherwise another process was faster
  }
  return driver;
}

function locate(): { archive: string; version: string } {
  try {
    let folder = dirname(createRequire(import.meta.url).resolve(packageName));
    while (!existsSync(join(folder, 'bin/swiftshader.tar.br'))) {
      if (folder === dirname(folder)) throw new Error(`${packageName} holds no bin/swiftshader.tar.br`);
      folder = dirname(folder);
    }
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { archive: join(folder, 'bin/swiftshader.tar.br'), version };
  } catch (cause) {
    throw new TilewrightError(
      'missing-dependency',
      {
        subject: 'adapter',
        problem: `the embedded SwiftShader needs the npm package ${packageName}, which is not installed`,
        requirement: 'it is an optional dependency, left out by --omit=optional',
        fix: `run npm install ${packageName}, or install a Vulkan driver`,
      },
      { cause },
    );
  }
}

/** The wanted files of a tar archive; everything else in it, paths included, is ignored. */
export function readTar(tar: Uint8Array, archive: string): ReadonlyMap<string, Uint8Array> {
  const block = 512;
  const files = new Map<string, Uint8Array>();
  const text = (start: number, length: number): string =>
    Buffer.from(tar.subarray(start, start + length))
      .toString('latin1')
      .split('\0')[0] ?? '';
  for (let at = 0; at + block <= tar.length;) {
    const name = text(at, 100);
    if (name === '') break;
    const size = Number.parseInt(text(at + 124, 12).trim(), 8);
    const start = at + block;
    if (!Number.isInteger(size) || start + size > tar.length) break;
    if (wanted.includes(name)) files.set(name, tar.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  const missing = wanted.filter((name) => !files.has(name));
  if (missing.length > 0) {
    throw new TilewrightError('bad-file', {
      subject: 'adapter',
      problem: `${archive} lacks ${missing.join(', ')}`,
      requirement: 'a SwiftShader archive holds the driver, its loader and its manifest',
      fix: `reinstall ${packageName}`,
    });
  }
  return files;
}

function cacheFolder(): string {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tilewright');
  try {
    makeFolders(folder);
    rmSync(mkdtempSync(join(folder, 'writable-')), { recursive: true });
    return folder;
  } catch {
    // A home that cannot be written to: private to this run, since a shared temporary folder cannot be trusted.
    const unpacked = mkdtempSync(join(tmpdir(), 'tilewright-'));
    process.once('exit', () => rmSync(unpacked, { recursive: true, force: true }));
    return unpacked;
  }
}
