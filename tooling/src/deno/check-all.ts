// What Deno runs: one case of every kernel and variant that its adapter can run, then the model in the folder named by the
// first argument. A line of JSON each.
import {
  caseProblem,
  type CheckCase,
  checkPlans,
  checkProblem,
  type KernelCheck,
  type Plan,
} from '@tilewright/kernels';
import { registry } from '@tilewright/kernels/registry';
import { caseName, checkPlan, prepareCase } from '@tilewright/bench/verify';
import { type Device, openDevice } from '@tilewright/runtime';
import { writeModelText } from './write-model-text.ts';

/** A line of the output. */
export type Row =
  | { readonly adapter: string }
  | {
      readonly kernel: string;
      readonly name: string;
      readonly passed: boolean;
      readonly message: string;
    }
  | { readonly text: string };

const print = (row: Row): void => console.log(JSON.stringify(row));

const device = await openDevice();
print({ adapter: device.adapter.description });
for (const check of registry)
  for (const { input, plan } of oneCaseEach(device, check)) {
    const kernel = check.kernel.name;
    const name = `${kernel}, ${plan.variant}: ${caseName(input)}`;
    try {
      const { passed, message } = await checkPlan(device, prepareCase(check, input), plan);
      print({ kernel, name, passed, message });
    } catch (error) {
      print({ kernel, name, passed: false, message: String(error) });
    }
  }
print({ text: await writeModelText(device, process.argv[2]!) });
device.dispose();

/** For each variant the first case that has it; the very first is all ones, and only taken where no other has it. */
function oneCaseEach(
  { capabilities }: Device,
  { kernel, cases }: KernelCheck,
): readonly { readonly input: CheckCase; readonly plan: Plan }[] {
  const found = new Map<string, { readonly input: CheckCase; readonly plan: Plan }>();
  for (const input of [...cases.slice(1), cases[0]!])
    for (const plan of checkPlans(kernel, checkProblem(kernel, caseProblem(input)), capabilities))
      if (!found.has(plan.variant)) found.set(plan.variant, { input, plan });
  return [...found.values()];
}
