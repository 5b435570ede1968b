import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Plan, PlanChoice, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { times } from '../../contract/extent.ts';
import philoxWgsl from '../../numbers/philox.wgsl';
import orderedWgsl from '../../numbers/ordered.wgsl';
import wideWgsl from '../../numbers/wide.wgsl';
import { splitsOf } from '../splits.ts';
import crossingWgsl from '../selection/crossing.wgsl';
import { plainEmit } from './emit.ts';
import sampleWgsl from './sample.wgsl';
import splitWgsl from './split.wgsl';
import wholeWgsl from './whole.wgsl';

export { advanceEmit, logitEmit } from './emit.ts';
export type { EmitReference } from './emit.ts';

const [highBins, lowBins] = [400, 2048];
/** Sums of 13-bit parts of as many weights stay below 2³². */
const mostTokens = 2 ** 19 - 1;

function program(problem: Problem, plan: Plan): Program {
  const { vocab } = problem.axes as { vocab: number };
  const workgroup = Number(plan.workgroup);
  const wanted = Number(plan.parts);
  const part = Math.ceil(vocab / wanted);
  const parts = Math.ceil(vocab / part);
  const scratch = {
    parts: { sizeBytes: times('rows', 8 * parts), dtype: 'u32', width: 2 },
    tallies: { sizeBytes: times('rows', 4 * parts * 3 * highBins), dtype: 'u32' },
  } as const;
  return assemble({
    kernel: sample,
    problem,
    plan,
    constants: {
      VOCAB: vocab,
      WORKGROUP: workgroup,
      PARTS: parts,
      PART: part,
      BINS_EACH: lowBins / workgroup,
      SEGMENT: Math.ceil(vocab / lowBins),
      HALVINGS: { f32: 2 ** 15 * Math.LOG2E },
    },
    wgsl: [wideWgsl, philoxWgsl, orderedWgsl, crossingWgsl, sampleWgsl, parts === 1 ? wholeWgsl : splitWgsl],
    ...(parts === 1
      ? { dispatches: [{ entryPoint: 'main', workgroups: 'rows' }] }
      : {
          scratch,
          dispatches: [
            {
              entryPoint: 'survey',
              workgroups: times('rows', parts),
              bindings: ['logits', 'parts'],
              slots: [],
            },
            {
              entryPoint: 'tally',
              workgroups: times('rows', parts),
              bindings: ['logits', 'parts', 'tallies'],
              slots: [],
            },
            { entryPoint: 'choose', workgroups: 'rows', bindings: ['logits', 'parts', 'tallies', 'ids'] },
          ],
        }),
  });
}

function plans({ axes }: Problem, capabilities: Capabilities): readonly PlanChoice[] {
  const parts = splitsOf(axes.rows!, axes.vocab!, 8192, capabilities);
  const workgroup = capabilities.software ? 64 : 256;
  const whole = { workgroup, parts: 1 };
  return parts === 1 ? [whole] : [{ ...whole, parts }, whole];
}

/**
 * ids ~ softmax(logits / temperature), restricted to top-k and top-p.
 *
 * Draws a token per row, without reading logits back; the same token on every device, and by `sampleReference` on the host.
 *
 * `logits` is `[rows, vocab]` f32 or f16; `ids` u32 `[rows]`. Uniforms: `temperature` (0 takes the likeliest, the lowest among
 * equals); `top_k` (0 or less for all) and then `top_p` (1 for all) keep the likeliest tokens, by their exact logits and the
 * lowest first among equals; `seed` and `counter` (the step) choose the random numbers, Philox 4×32 of counter (counter, row,
 * 0, 0) and key (seed, 0). NaN is likelier than infinity, and beside either nothing else is drawn. Probabilities are good to
 * 1e-4 of themselves, and tokens below 2^-25 of the likeliest are never drawn. The slot `emit` says what is written: with
 * {@link advanceEmit} also the next step's positions and lengths, with {@link logitEmit} also the logits of the tokens.
 */
export const sample: Kernel<'logits', 'ids'> = /* @__PURE__ */ defineKernel({
  name: 'sample',
  axes: { rows: 'dynamic', vocab: 'static' },
  inputs: { logits: { shape: ['rows', 'vocab'], order: 'rows' } },
  outputs: { ids: { shape: ['rows'], dtype: 'u32' } },
  uniforms: { temperature: 'f32', top_k: 'i32', top_p: 'f32', seed: 'u32', counter: 'u32' },
  // fn emit(row: u32, token: u32) writes the token.
  slots: { emit: { default: plainEmit } },
  dtypes: ['f32', 'f16'],
  validate: ({ axes }) => {
    if (axes.vocab! <= mostTokens) return;
    throw new TilewrightError('bad-shape', {
      subject: 'sample',
      problem: `the vocabulary has ${axes.vocab} tokens`,
      requirement: `at most ${mostTokens}, so that sums of weights are exact`,
    });
  },
  variants: [{ name: 'baseline', plans, program }],
});
