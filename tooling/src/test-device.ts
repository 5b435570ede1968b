// The device that tests run on, as TILEWRIGHT_TEST_ADAPTER and TILEWRIGHT_TEST_PROFILE say.
import { baselineCapabilities, type Capabilities, type Kernel, type Plan } from '@tilewright/kernels';
import { defaultDawnOptions, type Device, openDevice } from '@tilewright/runtime';

export interface TestDevice {
  readonly device: Device;
  readonly capabilities: Capabilities;
  dispose(): void;
}

const adapter = process.env.TILEWRIGHT_TEST_ADAPTER ?? 'default adapter';
const profile = process.env.TILEWRIGHT_TEST_PROFILE ?? 'default';

export interface TestProfile {
  readonly name: string;
  /** Dawn's null backend validates shaders and pipelines and runs nothing. */
  readonly compileOnly: boolean;
  /** SwiftShader compiles for seconds: it gets the baselines, of each kernel two shapes. */
  readonly subset: boolean;
  /** Only f32: what these profiles are for does not depend on how numbers are stored. */
  readonly f32Only: boolean;
  /** Which cases of a kernel: profiles whose shaders compile slowly get few. */
  readonly wantsCase: (index: number) => boolean;
  /** Which Plans of a kernel this profile runs, in words. */
  readonly wanted: string;
  /** Which Plans of a kernel this profile runs. */
  readonly wants: (kernel: Kernel) => (plan: Plan) => boolean;
}

export const testProfile: TestProfile = {
  name: profile === 'default' ? adapter : `${adapter}, ${profile}`,
  compileOnly: adapter === 'null',
  subset: adapter === 'swiftshader',
  f32Only: adapter === 'swiftshader' || ['floor', 'no-robustness', 'subgroups'].includes(profile),
  wantsCase: (index) => {
    if (adapter === 'swiftshader') return index === 1 || index === 2;
    if (profile === 'no-robustness') return index < 5;
    // The two other sizes of subgroups share the cases.
    if (profile === 'subgroups') return index % 2 === (process.env.LP_NATIVE_VECTOR_WIDTH === '128' ? 0 : 1);
    return true;
  },
  wanted:
    profile === 'subgroups'
      ? 'this profile runs variants with subgroups'
      : adapter === 'swiftshader'
        ? 'this profile runs variants without features'
        : 'this profile runs all variants',
  wants:
    (kernel: Kernel) =>
    (plan: Plan): boolean => {
      const requires =
        kernel.definition.variants.find((variant) => variant.name === plan.variant)?.requires ?? [];
      if (profile === 'subgroups') return requires.includes('subgroups');
      return adapter === 'swiftshader' ? requires.length === 0 : true;
    },
};

/** Opens the device under test; a missing adapter is an error, never a skip. */
export async function openTestDevice(): Promise<TestDevice> {
  const dawnOptions = [...defaultDawnOptions];
  if (adapter === 'null') dawnOptions.push('backend=null');
  if (profile === 'no-robustness') dawnOptions[0] += ',disable_robustness';
  const device = await openDevice({ dawnOptions, profile: profile === 'floor' ? 'floor' : 'best' });
  const capabilities: Capabilities =
    profile === 'floor'
      ? { ...baselineCapabilities, software: device.capabilities.software }
      : device.capabilities;
  return { device, capabilities, dispose: () => device.dispose() };
}
