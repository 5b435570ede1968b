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
  /** Subgroups of this size are emulated in workgroup memory; undefined where the adapter's own are used. */
  readonly emulatedSubgroup: number | undefined;
  /** Which cases of a kernel, by their place and how numbers are stored: a profile gets what it is about. */
  readonly wantsCase: (index: number, f32: boolean) => boolean;
  /** Which Plans of a kernel this profile runs, in words. */
  readonly wanted: string;
  /** Which Plans of a kernel this profile runs. */
  readonly wants: (kernel: Kernel) => (plan: Plan) => boolean;
}

const emulatedSubgroup =
  profile === 'emulated' ? Number(process.env.TILEWRIGHT_TEST_SUBGROUP ?? 32) : undefined;

export const testProfile: TestProfile = {
  name:
    profile === 'default'
      ? adapter
      : [adapter, profile, ...(emulatedSubgroup ? [emulatedSubgroup] : [])].join(', '),
  compileOnly: adapter === 'null',
  subset: adapter === 'swiftshader',
  emulatedSubgroup,
  wantsCase: (index, f32) => {
    if (adapter === 'swiftshader') return f32 && (index === 1 || index === 2);
    // Every other case, and half precision where no device feature reads or writes it.
    if (profile === 'floor') return f32 ? index % 2 === 1 : index === 2 || index === 4;
    if (profile !== 'default' && !f32) return false;
    if (profile === 'emulated') return index === 1 || index === 2;
    if (profile === 'no-robustness') return index < 5;
    // The two other sizes of subgroups share the cases.
    if (profile === 'subgroups') return index % 2 === (process.env.LP_NATIVE_VECTOR_WIDTH === '128' ? 0 : 1);
    return true;
  },
  wanted:
    profile === 'subgroups' || profile === 'emulated'
      ? 'this profile runs variants with subgroups'
      : adapter === 'swiftshader'
        ? 'this profile runs variants without features'
        : 'this profile runs all variants',
  wants:
    (kernel: Kernel) =>
    (plan: Plan): boolean => {
      const requires =
        kernel.definition.variants.find((variant) => variant.name === plan.variant)?.requires ?? [];
      if (profile === 'subgroups' || profile === 'emulated') return requires.includes('subgroups');
      return adapter === 'swiftshader' ? requires.length === 0 : true;
    },
};

/** Opens the device under test; a missing adapter is an error, never a skip. */
export async function openTestDevice(): Promise<TestDevice> {
  const dawnOptions = [...defaultDawnOptions];
  if (adapter === 'null') dawnOptions.push('backend=null');
  if (profile === 'no-robustness') dawnOptions[0] += ',disable_robustness';
  const device = await openDevice({ dawnOptions, profile: profile === 'floor' ? 'floor' : 'best' });
  return { device, capabilities: capabilitiesFor(device), dispose: () => device.dispose() };
}

function capabilitiesFor(device: Device): Capabilities {
  const { capabilities } = device;
  if (profile === 'floor') return { ...baselineCapabilities, software: capabilities.software };
  if (emulatedSubgroup === undefined) return capabilities;
  // What a GPU with such subgroups would be offered.
  const size = { subgroupMinSize: emulatedSubgroup, subgroupMaxSize: emulatedSubgroup };
  return { ...capabilities, ...size, software: false };
}
