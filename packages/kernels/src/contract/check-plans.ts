// Why a kernel has no Plan, or not the one that was asked for. Beside the kernel, like checkProblem: the runtime and graphs ask here.
import type { Capabilities } from './capabilities.ts';
import type { Kernel, Plan, Problem } from './contract.ts';
import { missingFeatures, ranked } from './define-kernel.ts';
import { TilewrightError } from './errors.ts';

/** `kernel.plans`, of which there is at least one. Throws `no-variant` with the reason of each variant where there is none. */
export function checkPlans(kernel: Kernel, problem: Problem, capabilities: Capabilities): readonly Plan[] {
  const { name: subject, definition } = kernel;
  const plans = kernel.plans(problem, capabilities);
  if (plans.length > 0) return plans;
  const common = definition.supports?.(problem, capabilities) ?? true;
  const reasons = ranked(definition.variants, problem, capabilities).map((variant) => {
    const missing = missingFeatures(variant, problem, capabilities);
    const verdict =
      missing.length > 0
        ? `the device lacks ${missing.join(', ')}`
        : (variant.supports?.(problem, capabilities, kernel) ?? true);
    return `${variant.name}: ${verdict === true ? 'it lists no Plan' : verdict}`;
  });
  throw new TilewrightError('no-variant', {
    subject,
    problem: 'no variant can run this problem on this device',
    requirement: common === true ? reasons.join('; ') : common,
    fix: 'change the problem, or run it on a device that has what is missing',
  });
}

/** `plan`, if it is one of the `plans` that can run a Problem on a device. Throws `bad-argument`. */
export function checkPlan(kernel: Kernel, plan: Plan, plans: readonly Plan[]): Plan {
  const text = (each: Plan): string => JSON.stringify(Object.entries(each ?? {}).sort());
  if (plans.some((each) => text(each) === text(plan))) return plan;
  throw new TilewrightError('bad-argument', {
    subject: kernel.name,
    problem: `the Plan ${JSON.stringify(plan)} cannot run this Problem on this device`,
    requirement: `there are ${plans.length} that can, such as ${JSON.stringify(plans[0])}`,
    fix: 'choose one of the list that choosePlan is given',
  });
}
