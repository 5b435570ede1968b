// Which adapter and which profile a test process runs on. Set by the test runner; by hand, lavapipe where there is one:
//   TILEWRIGHT_TEST_ADAPTER=swiftshader TILEWRIGHT_TEST_PROFILE=floor npx vitest run packages/kernels
import { findLavapipe, useSoftwareDriver } from '@tilewright/bench/adapter';

/** `null` is Dawn's backend that compiles everything and runs nothing; `gpu` is whatever the machine has. */
export type TestAdapter = 'lavapipe' | 'swiftshader' | 'null' | 'gpu';

/**
 * - `default`: all features, the adapter's limits.
 * - `subgroups`: the same, under another subgroup size (`LP_NATIVE_VECTOR_WIDTH`): the subgroup variants.
 * - `floor`: no features and WebGPU's default limits, as the poorest browser has it.
 * - `no-robustness`: Dawn's bounds checks off, so that an access out of bounds shows.
 */
export type TestProfile = 'default' | 'subgroups' | 'floor' | 'no-robustness';

const adapters: readonly TestAdapter[] = ['lavapipe', 'swiftshader', 'null', 'gpu'];
const profiles: readonly TestProfile[] = ['default', 'subgroups', 'floor', 'no-robustness'];

function choose<Name extends string>(variable: string, known: readonly Name[], fallback: () => Name): Name {
  const value = process.env[variable] ?? '';
  if (value === '') return fallback();
  const name = known.find((candidate) => candidate === value);
  if (name === undefined) throw new Error(`${variable} is '${value}'; known are ${known.join(', ')}`);
  return name;
}

export const testAdapter: TestAdapter = choose('TILEWRIGHT_TEST_ADAPTER', adapters, () =>
  process.platform !== 'linux' ? 'gpu' : findLavapipe() === undefined ? 'swiftshader' : 'lavapipe',
);

export const testProfile: TestProfile = choose('TILEWRIGHT_TEST_PROFILE', profiles, () => 'default');

/** Dawn options that this adapter and profile need, beside those the runtime sets by itself. */
export const testDawnOptions: readonly string[] = [
  ...(testAdapter === 'null' ? ['backend=null'] : []),
  ...(testProfile === 'no-robustness' ? ['enable-dawn-features=disable_robustness'] : []),
];

/** Points this process at the test adapter; a missing one fails the tests, it never skips them. */
export function useTestAdapter(): void {
  if (testAdapter === 'lavapipe' || testAdapter === 'swiftshader') useSoftwareDriver(testAdapter);
}
