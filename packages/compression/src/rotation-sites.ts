import { isOf } from '@tilewright/graph';
import { addToRows } from '@tilewright/graph/operators/add';
import { appendCache } from '@tilewright/graph/operators/append-cache';
import { cachedAttention } from '@tilewright/graph/operators/cached-attention';
import { gatherRowsOfWeight } from '@tilewright/graph/operators/gather';
import { rmsNormalizationOfRows } from '@tilewright/graph/operators/rms-normalization';
import { TilewrightError } from '@tilewright/kernels';
import type { CompressibleModel } from './calibration.ts';
import { checkCompressionKinds } from './check-kinds.ts';
import { type RotationSite, turnTogether, type TurningOperator } from './turning.ts';

const sums: TurningOperator = {
  operator: addToRows,
  inputs: ['A', 'B'],
  output: 'C',
};

/** Of values whose whole last axis turns. */
const turningRows: readonly TurningOperator[] = [
  sums,
  {
    operator: rmsNormalizationOfRows,
    inputs: ['X'],
    output: 'Y',
    gain: 'scale',
  },
  { operator: gatherRowsOfWeight, inputs: ['data'], output: 'output' },
];

/** Of values whose heads turn alike: what a head finds is a mixture of the values of one head. */
const turningHeads: readonly TurningOperator[] = [
  sums,
  { operator: appendCache, inputs: ['V'], output: 'present' },
  { operator: cachedAttention, inputs: ['cache'], output: 'Y' },
];

/**
 * The residual stream: all that turns with the values between blocks. `more`: operators of others that turn.
 * Throws `bad-argument` where something on the way does not, naming it.
 */
export function residualSite(model: CompressibleModel, more: readonly TurningOperator[] = []): RotationSite {
  checkCompressionKinds('rotate residual', { model });
  const { graph, blocks } = model;
  const between = [...new Set(blocks.flatMap(({ input, output }) => [input, output]))];
  const size = Number(graph.values[between[0]!]!.shape.at(-1));
  return turnTogether('rotate residual', graph, between, size, [...turningRows, ...more]);
}

/**
 * The values of each attention to a cache, between the products that make and read them; runs of columns are heads. Throws
 * `bad-argument` where there are none, and where something between does not turn.
 */
export function headSites(model: CompressibleModel): readonly RotationSite[] {
  const subject = 'rotate heads';
  checkCompressionKinds(subject, { model });
  const { graph } = model;
  const found = graph.nodes.filter((node) => isOf(node, cachedAttention));
  if (found.length === 0)
    throw new TilewrightError('bad-argument', {
      subject,
      problem: 'the model has no attention to a cache',
      requirement: 'the heads of its values are turned',
      fix: 'leave this step out',
    });
  return found.map(({ outputs, attributes }) => {
    const size = Number(graph.values[outputs.Y!]!.shape.at(-1)) / Number(attributes.q_num_heads);
    return turnTogether(subject, graph, [outputs.Y!], size, turningHeads);
  });
}
