import {
  type Capabilities,
  checkPlans,
  type Kernel,
  type Plan,
  type Problem,
  renameFix,
  TilewrightError,
} from '@tilewright/kernels';

/**
 * A Plan that a caller hands over is one of those that can run: `kernel.plans` lists them all. Throws `bad-argument` with
 * the member that is wrong, `no-variant` where none of its variant can run.
 */
export function checkPlan(kernel: Kernel, problem: Problem, plan: Plan, capabilities: Capabilities): void {
  const variants = kernel.definition.variants.map(({ name }) => name);
  const fail = (
    problem: string,
    requirement: string,
    fix = 'give one of kernel.plans(problem, device.capabilities)',
  ): never => {
    throw new TilewrightError('bad-argument', { subject: kernel.name, problem, requirement, fix });
  };
  if (typeof plan !== 'object' || plan === null)
    fail(`the plan is ${plan}`, 'it is an object with a variant');
  if (!variants.includes(plan.variant))
    fail(
      `plan.variant is ${plan.variant}`,
      `the variants are ${variants.join(', ')}`,
      renameFix(String(plan.variant), variants, 'give one of these'),
    );
  const plans = checkPlans(kernel, problem, capabilities);
  const candidates = plans.filter(({ variant }) => variant === plan.variant);
  if (candidates.length === 0)
    throw new TilewrightError('no-variant', {
      subject: kernel.name,
      problem: `the variant '${plan.variant}' cannot run this problem on this device`,
      requirement: `kernel.plans lists ${[...new Set(plans.map(({ variant }) => variant))].join(', ')}`,
      fix: 'give one of these, or no plan',
    });
  const text = (each: Plan): string => JSON.stringify(Object.entries(each).sort());
  if (candidates.some((each) => text(each) === text(plan))) return;
  const members = [...new Set(candidates.flatMap((each) => Object.keys(each)))];
  for (const name of Object.keys(plan))
    if (!members.includes(name))
      fail(
        `plan.${name} is unknown`,
        `a Plan of '${plan.variant}' has ${members.join(', ')}`,
        renameFix(name, members),
      );
  for (const name of members) {
    const values = [...new Set(candidates.map((each) => each[name]))];
    if (!values.includes(plan[name]!))
      fail(
        plan[name] === undefined ? `plan.${name} is missing` : `plan.${name} is ${plan[name]}`,
        `for this problem on this device it is ${values.join(' or ')}`,
      );
  }
  fail(
    `the plan ${JSON.stringify(plan)} is not among those that can run this problem on this device`,
    `there are ${candidates.length} of '${plan.variant}'`,
  );
}
