// Chunked = recurrent: every rule in chunks of every size, held against the oracle that walks.
import { checkPlan, prepareCase } from '@tilewright/bench/verify';
import { checkPlans } from '../../contract/check-plans.ts';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check, shape } from './check.ts';
import { linearAttention } from './index.ts';

const rules = ['add', 'delta', 'general'].flatMap((rule) =>
  ['head', 'key'].map((decay) => ({ rule, decay })),
);

/** No whole number of chunks of any size; two groups of queries to each state. */
const caseOf = (options: { rule: string; decay: string }, tokens = 149) =>
  shape([1, tokens, tokens, [4, 2, 2], 10, 6], {
    options: { ...options, states: 'both' },
    ...(options.rule === 'delta' && { axes: { beta_heads: 2 } }),
  });

// Numbers are looked at: what compiles only, or a part, is no use to them.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('chunks', () => {
  let opened: TestDevice;
  beforeAll(async () => void (opened = await openTestDevice()));
  afterAll(() => opened?.dispose());

  test.each(rules)(
    'rule $rule with decay $decay is what the walk gives, in chunks of any size',
    async (options) => {
      const prepared = prepareCase(check, caseOf(options));
      const plans = checkPlans(linearAttention, prepared.problem, opened.capabilities).filter(
        ({ variant }) => variant === 'chunks',
      );
      // 64 tokens take 17 kB, more than the least that devices have.
      const { maxComputeWorkgroupStorageSize: most } = opened.capabilities.limits;
      expect(plans.map(({ chunk }) => chunk).sort()).toEqual(most >= 17_000 ? [16, 32, 64] : [16, 32]);
      for (const plan of plans) expect((await checkPlan(opened.device, prepared, plan)).message).toBe('');
    },
  );

  test.each(rules)('a GPU walks few tokens of rule $rule with decay $decay, and cuts many', (options) => {
    const gpu = { ...opened.capabilities, software: false };
    const first = (tokens: number): string =>
      checkPlans(linearAttention, prepareProblem(options, tokens), gpu)[0]!.variant;
    expect([first(1), first(16), first(2048)]).toEqual(['walk', 'walk', 'chunks']);
  });
});

function prepareProblem(options: { rule: string; decay: string }, tokens: number) {
  const { axes, options: chosen } = caseOf(options, tokens);
  return linearAttention.problem({ axes: { ...axes, key_size: 64, value_size: 64 }, options: chosen! });
}
