// Turns a kernel's check into tests: every case, storage type and variant against the oracle on the adapter under test.
import {
  type CheckCase,
  checkPlans,
  caseProblem,
  checkProblem,
  type KernelCheck,
  type Plan,
  type Program,
} from '@tilewright/kernels';
import {
  caseName,
  checkHardValues,
  checkProgram,
  prepareCase,
  type PreparedCase,
} from '@tilewright/bench/verify';
import type { Device } from '@tilewright/runtime';
import { afterAll, describe, expect, test } from 'vitest';
import { dtypesOf } from './case-dtypes.ts';
import { compilerOf, emulateSubgroups, type Emulated } from './emulate-subgroups.ts';
import { caseKey, environmentKey, programKey } from './case-key.ts';
import { testMemory } from './test-memory.ts';
import { type TestDevice, openTestDevice, testProfile } from './test-device.ts';

/** What the profile of this process runs of one kernel; a case whose Plans it does not want is not among the turns. */
interface KernelTests {
  readonly check: KernelCheck;
  readonly turns: readonly (Turn & { readonly plans: readonly Plan[]; readonly hard: boolean })[];
}

/** Declares the tests of one kernel for the profile this process runs. */
export function testKernel(check: KernelCheck): void {
  describe(`${check.kernel.name} (${testProfile.name})`, async () => {
    const opened = await openTestDevice();
    afterAll(() => opened.dispose());
    const { turns } = kernelTests(check, opened);
    declareTurns(opened, check, turns);
    const none = turns.length === 0;
    // Not a test of this profile: the name says why.
    if (none)
      test.skipIf(none)(`nothing to run: ${testProfile.wanted}`, () => {
        expect.unreachable();
      });
  });
}

/**
 * Every `parts`th test of all kernels, from `part` on, on one device; kernels that have nothing for this profile are listed
 * once and not declared.
 */
export function testKernels(checks: readonly KernelCheck[], part: number, parts: number): void {
  describe(testProfile.name, async () => {
    const opened = await openTestDevice();
    afterAll(() => opened.dispose());
    const tests = checks.map((check) => kernelTests(check, opened));
    const without = tests.filter(({ turns }) => turns.length === 0).map(({ check }) => check.kernel.name);
    if (without.length > 0 && part === 0)
      console.log(`not applicable, ${testProfile.wanted}: ${without.join(', ')}`);
    let place = 0;
    for (const { check, turns } of tests) {
      const here = turns.filter(() => place++ % parts === part);
      if (here.length > 0)
        describe(check.kernel.name, () => {
          declareTurns(opened, check, here);
        });
    }
  });
}

function declareTurns(opened: TestDevice, check: KernelCheck, turns: KernelTests['turns']): void {
  for (const { input, label, plans, hard } of turns)
    test(label, async ({ task, skip }) => {
      const prepared = prepareCase(check, input);
      task.meta.remembered = 0;
      for (const plan of plans) {
        const program = await programFor(opened.device, check.kernel.program(prepared.problem, plan));
        if (program.refused !== undefined)
          return skip(`${JSON.stringify(plan)} cannot be emulated: ${program.refused}`);
        const again = await isRemembered(opened.device, prepared, program.program, hard, (message) => {
          expect.unreachable(`${message}; rerun: ${rerun(check.kernel.name, label)}`);
        });
        task.meta.remembered += again ? 1 : 0;
      }
      expect(plans).not.toHaveLength(0);
    });
}

/** Holds one Plan against the oracle, in the test that calls it: for Plans that no adapter of tests is offered. */
export async function expectPlan(
  { device }: TestDevice,
  check: KernelCheck,
  input: CheckCase,
  plan: Plan,
): Promise<void> {
  const prepared = prepareCase(check, input);
  let failure = '';
  const program = check.kernel.program(prepared.problem, plan);
  await isRemembered(device, prepared, program, false, (message) => {
    failure = message;
  });
  expect(failure).toBe('');
}

/** True where the same passed before; else runs it, and remembers it unless it `failed`. */
async function isRemembered(
  device: Device,
  prepared: PreparedCase,
  program: Program,
  hard: boolean,
  failed: (message: string) => void,
): Promise<boolean> {
  const environment = environmentKey(device);
  const { compileOnly } = testProfile;
  const key = compileOnly ? programKey(environment, program) : caseKey(environment, prepared, program, hard);
  if (testMemory.has(key)) return true;
  if (compileOnly) await device.compile([program]);
  else {
    const { passed, message } = await checkProgram(device, prepared, program);
    if (!passed) {
      failed(message);
      return false;
    }
    if (hard) expect(await checkHardValues(device, prepared, program)).toEqual([]);
  }
  testMemory.add(key);
  return false;
}

/** The Program itself, or its emulation where the profile is about subgroups that the adapter has not. */
async function programFor(device: Device, program: Program): Promise<Emulated> {
  const size = testProfile.emulatedSubgroup;
  if (size === undefined) return { program };
  return emulateSubgroups(program, size, compilerOf(device));
}

function kernelTests(check: KernelCheck, { capabilities }: TestDevice): KernelTests {
  const { kernel } = check;
  const isHard = chooseHard();
  const turns = casesOf(check).map((turn) => {
    const plans = checkPlans(kernel, checkProblem(kernel, caseProblem(turn.input)), capabilities).filter(
      testProfile.wants(kernel),
    );
    const perVariant = onePlanPerVariant(plans, turn.turn);
    // Every variant meets every case in f32, and f16 in its turn: a combination is a compilation of seconds.
    return {
      ...turn,
      hard: isHard(turn),
      plans: storesF16(turn.input) ? turnOf(perVariant, turn.turn) : perVariant,
    };
  });
  return { check, turns: turns.filter(({ plans }) => plans.length > 0) };
}

/**
 * The first cases in each storage whose shape is neither next to nothing nor slow, and the first of them whose tensors lie apart: they also
 * get what is not a number.
 */
function chooseHard(): (turn: Turn) => boolean {
  const chosen = new Map<string, number>();
  return ({ input }) => {
    const work = Object.values(input.axes).reduce((product, size) => product * size, 1);
    if (work < 20 || work > 300_000) return false;
    const kind = `${storesF16(input) ? 'f16' : 'f32'}${input.views ? ' in views' : ''}`;
    chosen.set(kind, (chosen.get(kind) ?? 0) + 1);
    return chosen.get(kind)! <= (input.views ? 1 : 2);
  };
}

const turnOf = <T>(list: readonly T[], turn: number): T[] =>
  list.length === 0 ? [] : [list[turn % list.length]!];

const storesF16 = ({ dtypes = {} }: CheckCase): boolean =>
  Object.values(dtypes).every((dtype) => dtype === 'f16');

/** The command that runs one test again, where it ran: vitest takes the name for a regular expression. */
function rerun(kernel: string, label: string): string {
  const names = [
    'TILEWRIGHT_TEST_ADAPTER',
    'TILEWRIGHT_TEST_PROFILE',
    'TILEWRIGHT_TEST_SUBGROUP',
    'LP_NATIVE_VECTOR_WIDTH',
  ];
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
  return floats.flatMap((dtype, round) =>
    cases.flatMap((input, index): Turn[] => {
      const dtypes = { ...dtypesOf(check, dtype), ...input.dtypes };
      const key = JSON.stringify([index, Object.entries(dtypes).sort()]);
      if (!testProfile.wantsCase(index, dtype === 'f32') || met.has(key)) return [];
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
