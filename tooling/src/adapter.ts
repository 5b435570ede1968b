// Which adapter a test process runs on. The test runner says; by hand, lavapipe where there is one:
//   TILEWRIGHT_TEST_ADAPTER=swiftshader TILEWRIGHT_TEST_PROFILE=floor npx vitest run packages/kernels
// Profiles, read by test-device.ts:
// - default: all features, the adapter's limits
// - subgroups: the same under another subgroup size (LP_NATIVE_VECTOR_WIDTH), subgroup variants only
// - emulated: subgroups of TILEWRIGHT_TEST_SUBGROUP lanes in workgroup memory, subgroup variants only
// - floor: no features and WebGPU's default limits, as the poorest browser has it
// - no-robustness: Dawn's bounds checks off, so that an access out of bounds shows
import { findLavapipe, useSoftwareDriver } from '@tilewright/bench/adapter';

/** `null` is Dawn's backend that compiles everything and runs nothing; `gpu` is whatever the machine has. */
const adapters = ['lavapipe', 'swiftshader', 'null', 'gpu'] as const;
const profiles = ['default', 'subgroups', 'emulated', 'floor', 'no-robustness'] as const;

/** Points this process at the adapter under test; a missing one fails the tests, it never skips them. */
export function useTestAdapter(): void {
  const fallback =
    process.platform !== 'linux' ? 'gpu' : findLavapipe() === undefined ? 'swiftshader' : 'lavapipe';
  const adapter = choose('TILEWRIGHT_TEST_ADAPTER', adapters, fallback);
  choose('TILEWRIGHT_TEST_PROFILE', profiles, 'default');
  if (adapter === 'lavapipe' || adapter === 'swiftshader') useSoftwareDriver(adapter);
}

function choose<Name extends string>(variable: string, known: readonly Name[], fallback: Name): Name {
  const value = (process.env[variable] ||= fallback);
  const name = known.find((candidate) => candidate === value);
  if (name === undefined) throw new Error(`${variable} is '${value}'; known are ${known.join(', ')}`);
  return name;
}
