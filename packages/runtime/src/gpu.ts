import { TilewrightError } from '@tilewright/kernels';

/** The part of npm `webgpu` that is used. */
interface NodeWebGpu {
  create(options: string[]): GPU;
  readonly globals: Record<string, unknown>;
}

/**
 * Dawn options for Node: exact timestamps (the default rounds them to 65,536 ns), and f16 on NVIDIA's Vulkan driver,
 * which Dawn otherwise withholds.
 */
export const defaultDawnOptions: readonly string[] = [
  'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia,use_vulkan_memory_model',
  'disable-dawn-features=timestamp_quantization',
];

// Dawn's instance must outlive its devices: once collected, the process dies in native code. Each keeps megabytes, so the
// same options get the same one, while the environment, which chooses the Vulkan drivers, stays the same too.
const instances = new Map<string, GPU>();

/** `navigator.gpu` in a page or worker, else Dawn through npm `webgpu`. Throws `no-adapter` or `missing-dependency`. */
export async function findGpu(dawnOptions: readonly string[] = defaultDawnOptions): Promise<GPU> {
  const here = globalThis as {
    navigator?: { gpu?: GPU };
    process?: { versions?: { node?: string }; env: object };
  };
  if (here.navigator?.gpu) return here.navigator.gpu;
  if (!here.process?.versions?.node)
    throw new TilewrightError('no-adapter', {
      subject: 'openDevice',
      problem: 'this page has no WebGPU',
      requirement: 'it needs a current Chrome, Edge, Firefox or Safari, over https or on localhost',
    });
  const name = 'webgpu';
  let dawn: NodeWebGpu;
  try {
    dawn = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as NodeWebGpu;
  } catch (cause) {
    throw new TilewrightError(
      'missing-dependency',
      {
        subject: 'openDevice',
        problem: "the npm package 'webgpu' could not be loaded",
        fix: 'run `npm install webgpu`, or give openDevice your own device',
      },
      { cause },
    );
  }
  for (const [key, value] of Object.entries(dawn.globals))
    if (!(key in globalThis)) Object.assign(globalThis, { [key]: value });
  const key = JSON.stringify([dawnOptions, here.process.env]);
  const gpu = instances.get(key) ?? dawn.create([...dawnOptions]);
  instances.set(key, gpu);
  return gpu;
}
