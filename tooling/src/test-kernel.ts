// Turns a kernel's check into tests: every case, storage type and variant against the oracle on the adapter under test.
import type { CheckCase, KernelCheck, Plan } from '@tilewright/kernels';
import { caseName, checkCase } from '@tilewright/bench/verify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dtypesOf } from './case-dtypes.ts';
import { type TestDevice, openTestDevice, testProfile } from './test-device.ts';

/** Declares the tests of one kernel for the profile this process runs. */
export function testKernel(check: KernelCheck): void {
  const { kernel } = check;
  describe(`${kernel.name} (${testProfile.name})`, () => {
    let opened: TestDevice;
    beforeAll(async () => {
      opened = await openTestDevice();
    });
    afterAll(() => opened?.dispose());

    for (const { turn, input, label } of casesOf(check))
      test(label, async () => {
        const { device, capabilities } = opened;
        const problem = kernel.problem(input);
        const plans = kernel.plans(problem, capabilities).filter(testProfile.wants(kernel));
        const perVariant = onePlanPerVariant(plans, turn);
        // Every variant meets every case in f32, and f16 in its turn: a combination is a compilation of seconds.
        const takeTurns = check.variantsTakeTurns === true || storesF16(input);
        const [from, to] = takeTurns ? [turn % perVariant.length, 1] : [0, perVariant.length];
        for (const plan of perVariant.slice(from, from + to)) {
          if (testProfile.compileOnly) {
            await device.compile([kernel.program(problem, plan)]);
            continue;
          }
          const result = await checkCase(device, check, input, { plan });
          expect(result.passed, `${result.message}; rerun: ${rerun(kernel.name, label)}`).toBe(true);
        }
      });
  });
}

const storesF16 = ({ dtypes = {} }: CheckCase): boolean =>
  Object.values(dtypes).every((each) => each === 'f16');

/** The command that runs one test again, where it ran: vitest takes the name for a regular expression. */
function rerun(kernel: string, label: string): string {
  const names = ['TILEWRIGHT_TEST_ADAPTER', 'TILEWRIGHT_TEST_PROFILE', 'LP_NATIVE_VECTOR_WIDTH'];
  const environment = names.flatMap((name) => (process.env[name] ? `${name}=${process.env[name]} ` : []));
  return `${environment.join('')}npx vitest run ${kernel} -t '${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}'`;
}

/** What to run: a case with its storage, and a number of its own by which Plans take turns. */
interface Turn {
  readonly turn: number;
  readonly input: CheckCase;
  readonly label: string;
}

function casesOf(check: KernelCheck): Turn[] {
  const floats = check.dtypes ?? check.kernel.definition.dtypes;
  const cases = [...check.cases, ...check.workloads.filter((workload) => workload.size === 'small')];
  // Cases that say how everything is stored are the same for every storage type.
  const met = new Set<string>();
  return floats
    .filter((dtype) => !testProfile.f32Only || dtype === 'f32')
    .flatMap((dtype, round) =>
      cases.flatMap((input, index): Turn[] => {
        const dtypes = { ...dtypesOf(check, dtype), ...input.dtypes };
        const key = JSON.stringify([index, Object.entries(dtypes).sort()]);
        if (!testProfile.wantsCase(index) || met.has(key)) return [];
        met.add(key);
        const label = `${caseName(input)}, ${typeof dtype === 'string' ? dtype : JSON.stringify(dtype)}`;
        return [{ turn: round * cases.length + index, input: { ...input, dtypes }, label }];
      }),
    );
}

/** One Plan of each variant, a different one from case to case, so that all Plans are met without the full product. */
function onePlanPerVariant(plans: readonly Plan[], index: number): Plan[] {
  const byVariant = new Map<string, Plan[]>();
  for (const plan of plans) byVariant.set(plan.variant, [...(byVariant.get(plan.variant) ?? []), plan]);
  return [...byVariant.values()].map((list) => list[index % list.length]!);
}
