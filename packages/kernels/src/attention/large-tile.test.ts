// The largest tile of flash-attention is only offered for long prompts, which the cases of its check are not.
import { caseProblem } from '../contract/check.ts';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expectPlan } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alibi, booleanMask } from './fillings/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { attentionCase, attentionCheck } from './check-cases.ts';

// It takes subgroups of one size, of more than 4 lanes, and seconds to compile.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`large tiles (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const cases = [
    ['grouped heads, bias', attentionCase([1, 259, 291, 2, 1, 20, 12], { slots: { score: alibi } })],
    [
      'large values, rows without keys',
      attentionCase([2, 256, 263, 1, 1, 9, 5], {
        options: { causal: true, lengths: true },
        slots: { mask: booleanMask({ batch: true }) },
        scale: { q: 100, k: 100 },
      }),
    ],
  ] as const;
  test.each(cases)('%s', async (_, input) => {
    const { capabilities } = opened;
    const plan = flashAttention
      .plans(flashAttention.problem(caseProblem(input)), capabilities)
      .find(({ lanes, unrolled }) => Number(lanes) > 4 && unrolled === true);
    if (capabilities.subgroupMinSize <= 4) {
      expect(plan).toBeUndefined();
      return;
    }
    await expectPlan(opened, attentionCheck(flashAttention, [input]), input, plan!);
  });
});
