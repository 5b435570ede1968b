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

// Dawn's instance must outlive its devices: once collected, the process dies in native code.
const instances: GPU[] = [];

/** `navigator.gpu` in a page or worker, else Dawn through npm `webgpu`. Throws `no-adapter` or `missing-dependency`. */
export async function findGpu(dawnOptions: readonly string[] = defaultDawnOptions): Promise<GPU> {
  const here = globalThis as { navigator?: { gpu?: GPU }; process?: { versions?: { node?: string } } };
  if (here.navigator?.gpu) return here.navigator.gpu;
  if (!here.process?.versions?.node)
    throw new TilewrightError('no-adapter', {
      subject: 'openDevice',
      problem: 'this page has no WebGPU',
      requirement:
        'navigator.gpu must exist, which needs a secure context (https or localhost) and a browser with WebGPU',
      fix: 'use a current Chrome, Edge, Firefox or Safari over https',
    });
  const name = 'webgpu';
  let dawn: NodeWebGpu;
  try {
    dawn = (await import(/* @vite-ignore */ name)) as NodeWebGpu;
  } catch (cause) {
    throw new TilewrightError(
      'missing-dependency',
      {
        subject: 'openDevice',
        problem: "the npm package 'webgpu' could not be loaded",
        requirement: 'Node has no WebGPU of its own',
        fix: 'run `npm install webgpu`, or hand your own GPUDevice to openDevice({ device })',
      },
      { cause },
    );
  }
  for (const [key, value] of Object.entries(dawn.globals))
    if (!(key in globalThis)) Object.assign(globalThis, { [key]: value });
  const gpu = dawn.create([...dawnOptions]);
  instances.push(gpu);
  return gpu;
}
