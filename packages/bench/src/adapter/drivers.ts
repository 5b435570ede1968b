// Which Vulkan drivers this machine has, and how to make Dawn use one of them. Linux only: elsewhere Dawn speaks to
// the system's own API and there is nothing to choose.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** A Vulkan driver that can be named by its manifest. */
export interface Driver {
  readonly name: 'lavapipe' | 'swiftshader';
  /** The path of the driver's JSON manifest. */
  readonly manifest: string;
  readonly origin: string;
}

const loaderName = 'libvulkan.so.1';
const architectureNames: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const chromiumFolders = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/opt/chromium.org/chromium',
];

const variables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

/** What the environment tells the Vulkan loader, as one text: the same for the same drivers. */
export const namedDriver = (): string => variables.map((name) => process.env[name] ?? '').join('\n');

/** True where the user has already told the Vulkan loader which drivers to use. */
export const driverIsForced = (): boolean => variables.some((name) => (process.env[name] ?? '') !== '');

/** The manifests the Vulkan loader would find by itself. */
export function installedManifests(): readonly string[] {
  const data = (process.env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share').split(':');
  const home = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share');
  const folders = ['/usr/local/etc', '/etc', home, ...data].map((root) => join(root, 'vulkan/icd.d'));
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.json'));
}

/** Mesa's CPU driver, where it is installed for this architecture. */
export function findLavapipe(): Driver | undefined {
  const architecture = architectureNames[process.arch] ?? process.arch;
  const names = ['lvp_icd.json', `lvp_icd.${architecture}.json`];
  const manifest = installedManifests().find((file) => names.some((name) => file.endsWith(`/${name}`)));
  return manifest === undefined ? undefined : { name: 'lavapipe', manifest, origin: 'installed with Mesa' };
}

/** The SwiftShader that an installed Chromium or Chrome brings along. */
export function findInstalledSwiftShader(): Driver | undefined {
  const manifest = chromiumFolders
    .map((folder) => join(folder, 'vk_swiftshader_icd.json'))
    .find((file) => existsSync(file));
  return manifest === undefined
    ? undefined
    : { name: 'swiftshader', manifest, origin: 'installed with Chromium' };
}

/**
 * Makes `driver` the only one that Dawn will see in this process from now on. Works after an earlier choice too: the
 * Vulkan loader reads the variables each time an instance is made.
 */
export function useDriver(driver: Driver): void {
  for (const name of variables) process.env[name] = driver.manifest;
  // A SwiftShader build carries the loader it was built with; prefer it, since the system may have none.
  const own = join(dirname(driver.manifest), loaderName);
  if (existsSync(own)) preload(own);
}

/** True where the system has a Vulkan loader; asking Dawn instead would print its warnings. */
export const hasVulkanLoader = (): boolean => preload(loaderName);

/**
 * Loads a shared library for good, so that Dawn's own `dlopen('libvulkan.so.1')` is answered by it. This replaces
 * `LD_LIBRARY_PATH`, which is read only when a process starts.
 */
function preload(library: string): boolean {
  const lazy = 1;
  const noDelete = 0x1000;
  try {
    process.dlopen({ exports: {} }, library, lazy | noDelete);
    return true;
  } catch (error) {
    // Node wants an addon; by the time it sees that this is none, the library is loaded, and stays.
    return String(error).includes('did not self-register');
  }
}
