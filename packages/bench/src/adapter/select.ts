import { create } from 'webgpu';
import { TilewrightError } from '@tilewright/kernels';
import {
  driverIsForced,
  findInstalledSwiftShader,
  findLavapipe,
  hasVulkanLoader,
  installedManifests,
  namedDriver,
  useDriver,
} from './drivers.ts';
import type { Driver } from './drivers.ts';
import { unpackSwiftShader } from './embedded.ts';
import { napBetweenPolls } from './nap.ts';
import { installLavapipe } from './system-packages.ts';

/** What the user may ask for: `auto` takes a GPU, then lavapipe, then SwiftShader. */
export type AdapterChoice = 'auto' | 'lavapipe' | 'swiftshader';

export interface AdapterOptions {
  /** Default, also for an empty one: the environment variable `TILEWRIGHT_ADAPTER`, else `auto`. */
  readonly choice?: string | undefined;
  /** Install system packages where they are missing (apt, as root); without it nothing outside the package is touched. */
  readonly system?: boolean | undefined;
  /** Told what is being installed, and what would be faster. */
  readonly log?: ((line: string) => void) | undefined;
}

/** The adapter that a device opened in this process will be on. */
export interface SelectedAdapter {
  readonly kind: 'gpu' | 'lavapipe' | 'swiftshader' | 'software';
  /** As the driver names itself. */
  readonly description: string;
  readonly reason: string;
  /** One line for the user: which adapter, and why. */
  readonly line: string;
}

/**
 * Finds a WebGPU adapter and sets this process up so that whoever opens a device next gets it. Call it before that.
 * On a software adapter Dawn's waiting is made to sleep, since the CPU it would keep busy is the GPU.
 *
 * Throws `bad-argument` for an unknown choice, `no-adapter` where there is none, with what to install.
 */
export async function selectAdapter(options: AdapterOptions = {}): Promise<SelectedAdapter> {
  const choice = parseChoice(options.choice || process.env['TILEWRIGHT_ADAPTER'] || 'auto');
  const log = options.log ?? (() => {});
  if (process.platform !== 'linux') return native(choice);

  const { system = false } = options;
  if (choice === 'swiftshader') return swiftShader('asked for');
  if (choice === 'lavapipe') return lavapipe(system, log, 'asked for');

  if (driverIsForced()) {
    const found = await probe();
    if (found !== undefined) return selected(found, 'the environment names this Vulkan driver');
    return swiftShader('the Vulkan driver named by the environment gives no adapter');
  }
  const hasDriver = hasVulkanLoader() && installedManifests().length > 0;
  const found = hasDriver ? await probe() : undefined;
  if (found !== undefined) return selected(found, found.software ? 'no GPU answered' : 'the GPU answered');
  if (system) return lavapipe(true, log, 'no GPU answered');
  const fallback = await swiftShader(
    hasDriver ? 'no installed Vulkan driver gives an adapter' : 'no Vulkan driver is installed',
  );
  log(fasterHint);
  return fallback;
}

const fasterHint =
  "adapter: Mesa's lavapipe is faster than SwiftShader; --system installs it with apt, as root, and nothing does so unasked";

function parseChoice(text: string): AdapterChoice {
  if (text === 'auto' || text === 'lavapipe' || text === 'swiftshader') return text;
  throw new TilewrightError('bad-argument', {
    subject: 'adapter',
    problem: `unknown adapter '${text}'`,
    requirement: 'known are auto, lavapipe and swiftshader',
    fix: 'correct --adapter or TILEWRIGHT_ADAPTER',
  });
}

async function native(choice: AdapterChoice): Promise<SelectedAdapter> {
  if (choice !== 'auto') {
    throw new TilewrightError('no-adapter', {
      subject: 'adapter',
      problem: `there is no ${choice} on ${process.platform}`,
      requirement: 'software adapters are set up on Linux only',
      fix: 'leave out --adapter and TILEWRIGHT_ADAPTER to use the GPU of this machine',
    });
  }
  const found = await probe();
  if (found !== undefined) return selected(found, `the adapter of ${process.platform}`);
  throw new TilewrightError('no-adapter', {
    subject: 'adapter',
    problem: `this ${process.platform} machine offers no WebGPU adapter`,
    fix: 'update the graphics driver, or use Linux, where a software adapter is embedded',
  });
}

async function lavapipe(
  install: boolean,
  log: (line: string) => void,
  why: string,
): Promise<SelectedAdapter> {
  const use = async (): Promise<SelectedAdapter | undefined> => {
    const driver = findLavapipe();
    if (driver === undefined || !hasVulkanLoader()) return undefined;
    useDriver(driver);
    const found = await probe();
    return found && selected(found, `${why}; ${driver.origin}`);
  };
  const first = await use();
  if (first !== undefined) return first;
  if (install) installLavapipe(log);
  const second = install ? await use() : undefined;
  if (second !== undefined) return second;
  throw noLavapipe(findLavapipe() === undefined ? 'is not installed' : 'is installed but gives no adapter');
}

const noLavapipe = (problem: string): TilewrightError =>
  new TilewrightError('no-adapter', {
    subject: 'adapter',
    problem: `lavapipe ${problem}`,
    requirement: 'it comes with Mesa 23 or later and needs libvulkan1',
    fix: 'install mesa-vulkan-drivers (on Debian 12 from backports), or in a clone run `npm test -- --system` as root',
  });

/**
 * Points this process at a software driver without asking whether it answers: what tests do in each of their many
 * processes. Throws `no-adapter` where the driver is not installed.
 */
export function useSoftwareDriver(name: Driver['name']): void {
  const driver = name === 'lavapipe' ? findLavapipe() : (findInstalledSwiftShader() ?? unpackSwiftShader());
  if (driver === undefined) throw noLavapipe('is not installed');
  useDriver(driver);
  napBetweenPolls();
}

async function swiftShader(why: string): Promise<SelectedAdapter> {
  const drivers = [findInstalledSwiftShader, unpackSwiftShader, () => unpackSwiftShader({ refresh: true })];
  for (const find of drivers) {
    const driver = find();
    if (driver === undefined) continue;
    useDriver(driver);
    const found = await probe();
    if (found !== undefined) return selected(found, `${why}; ${driver.origin}`);
  }
  throw new TilewrightError('no-adapter', {
    subject: 'adapter',
    problem: 'the embedded SwiftShader gives no adapter',
    requirement: 'it needs glibc 2.17 or later',
    fix: 'install a Vulkan driver: mesa-vulkan-drivers on Debian and Ubuntu',
  });
}

interface Found {
  readonly description: string;
  readonly software: boolean;
}

// Dawn may crash or hang when Node collects an instance, so none ever is. One that gave an adapter is asked again as
// long as the same driver is named; one that gave none may have come before its driver was installed.
const answering = new Map<string, GPU>();
const silent: GPU[] = [];

async function probe(): Promise<Found | undefined> {
  const driver = namedDriver();
  const gpu = answering.get(driver) ?? create([]);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    answering.delete(driver);
    silent.push(gpu);
    return undefined;
  }
  answering.set(driver, gpu);
  const { description, device, vendor, architecture, isFallbackAdapter } = adapter.info;
  return {
    description: description || device || `${vendor} ${architecture}`,
    software: isFallbackAdapter || architecture === 'software' || architecture === 'swiftshader',
  };
}

function selected({ description, software }: Found, reason: string): SelectedAdapter {
  if (software) napBetweenPolls();
  const text = description.toLowerCase();
  const kind = !software
    ? 'gpu'
    : text.includes('llvmpipe')
      ? 'lavapipe'
      : text.includes('swiftshader')
        ? 'swiftshader'
        : 'software';
  const place = software ? `${kind === 'software' ? '' : `${kind}, `}software on the CPU` : 'a GPU';
  return { kind, description, reason, line: `adapter: ${description} (${place}: ${reason})` };
}
