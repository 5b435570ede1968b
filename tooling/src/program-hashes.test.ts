// The net under a refactor: Programs are pure data, so what changes no text, binding or grid is proven by their hashes.
// Where a kernel was meant to change, `npx vitest run tooling/src/program-hashes.test.ts -u` writes the list anew, and
// the diff of the list shows which cases are concerned.
import { createHash } from 'node:crypto';
import {
  caseProblem,
  checkPlans,
  checkProblem,
  baselineCapabilities,
  type Capabilities,
  type CheckCase,
  isTilewrightError,
  type KernelCheck,
  type StorageType,
} from '@tilewright/kernels';
import { registry } from '@tilewright/kernels/registry';
import { caseName } from '@tilewright/bench/verify';
import { expect, test } from 'vitest';
import { dtypesOf } from './case-dtypes.ts';

/** Devices that every kernel is planned for: what WebGPU promises, a CPU's, and a GPU's with all that kernels ask for. */
const devices: readonly Capabilities[] = [
  baselineCapabilities,
  {
    ...baselineCapabilities,
    features: new Set(['shader-f16', 'subgroups', 'subgroup_id']),
    subgroupMinSize: 8,
    subgroupMaxSize: 8,
    software: true,
  },
  {
    ...baselineCapabilities,
    features: new Set([
      'shader-f16',
      'subgroups',
      'subgroup-size-control',
      'packed_4x8_integer_dot_product',
      'subgroup_id',
    ]),
    limits: {
      ...baselineCapabilities.limits,
      maxComputeWorkgroupStorageSize: 32_768,
      maxComputeInvocationsPerWorkgroup: 1024,
      maxComputeWorkgroupSizeX: 1024,
      maxStorageBuffersPerShaderStage: 10,
    },
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
    vendor: 'nvidia',
  },
];

test('every Program of every case is what it was', async () => {
  const lines = registry.flatMap((check) =>
    [...check.cases, ...check.workloads].flatMap((input, index) =>
      (check.dtypes ?? check.kernel.definition.dtypes).map(
        (dtype) =>
          `${check.kernel.name} ${index} [${caseName(input)}] ${dtypeName(dtype)} ${hashOf(check, input, dtype)}`,
      ),
    ),
  );
  expect(lines.length).toBeGreaterThan(registry.length);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../program-hashes.txt');
});

type Stored = StorageType | Readonly<Record<string, StorageType>>;

const dtypeName = (dtype: Stored): string =>
  typeof dtype === 'string'
    ? dtype
    : Object.entries(dtype)
        .map(([name, each]) => `${name}:${each}`)
        .join(',');

function hashOf(check: KernelCheck, input: CheckCase, dtype: Stored): string {
  const { kernel } = check;
  const hash = createHash('sha256');
  const problem = checkProblem(kernel, {
    ...caseProblem(input),
    dtypes: { ...dtypesOf(check, dtype), ...input.dtypes },
  });
  for (const device of devices) {
    try {
      for (const plan of checkPlans(kernel, problem, device))
        hash.update(JSON.stringify([plan, kernel.program(problem, plan)]));
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      hash.update(error.code);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
