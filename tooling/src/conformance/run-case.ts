// One case: checked, run and compared.
import { operators } from '@tilewright/graph/registry';
import { isTilewrightError } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import {
  checkedCase,
  type ConformanceCase,
  isRecord,
  nameOf,
  numbersOf,
  readBin,
  unknownType,
} from './case-file.ts';
import { compare } from './compare.ts';
import { type Computed, computeCase, hasEmptyTensors } from './compute-case.ts';

export interface CaseResult {
  readonly name: string;
  readonly op: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** The largest |got - want| of all outputs; null where nothing came out, or something without bounds. */
  readonly worstError: number | null;
  /** Why it did not pass; empty where it did. */
  readonly reason: string;
}

/** The result of an entry that is not run. */
export const skippedCase = (entry: unknown, index: number, reason: string): CaseResult => ({
  name: nameOf(entry, index),
  op: isRecord(entry) && typeof entry.op === 'string' ? entry.op : '',
  status: 'skipped',
  worstError: null,
  reason,
});

/** Runs one entry of an index, where `first` has its name first. What goes wrong in it makes it a failed one. */
export async function runCase(
  device: Device,
  folder: string,
  entry: unknown,
  index: number,
  first?: number,
): Promise<CaseResult> {
  const result = skippedCase(entry, index, '');
  const { op } = result;
  try {
    const checked = checkedCase(entry, index, first);
    const operator = operators.find(({ domain, name }) => domain === checked.domain && name === op);
    if (!operator) return { ...result, reason: `no operator ${op}` };
    const unknown = unknownType(checked);
    if (unknown !== undefined) return { ...result, reason: `no element type ${unknown}` };
    const given = checked as ConformanceCase;
    // Its attribute is a tensor, which the files leave out.
    if (op === 'ConstantOfShape') return { ...result, reason: 'the file does not hold its value' };
    if (hasEmptyTensors(operator, given)) return { ...result, reason: 'no kernel reads empty tensors' };
    const bin = readBin(folder, given);
    const outputs = await computeCase(device, operator, given, bin);
    return { ...result, ...judged(given, outputs, bin) };
  } catch (error) {
    if (isTilewrightError(error) && error.code === 'device-lost') throw error;
    // The operator is there, but not for numbers of this kind.
    if (isTilewrightError(error) && error.code === 'bad-dtype') return { ...result, reason: error.message };
    return { ...result, status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function judged(
  given: ConformanceCase,
  got: readonly (Computed | undefined)[],
  bin: Uint8Array,
): Pick<CaseResult, 'status' | 'worstError' | 'reason'> {
  let worst = 0;
  const problems: string[] = [];
  for (const [i, tensor] of given.outputs.entries()) {
    if (!tensor) continue;
    const { data, shape } = got[i]!;
    // The files write the shape of a scalar as [1].
    if ((shape.join() || '1') !== (tensor.shape.join() || '1')) {
      problems.push(
        `'${tensor.name}' has shape [${shape.join(', ')}] instead of [${tensor.shape.join(', ')}]`,
      );
      worst = Infinity;
      continue;
    }
    const difference = compare(given, tensor.dtype, data, numbersOf(tensor, bin, given));
    worst = Math.max(worst, difference.worst);
    if (difference.problem !== undefined) problems.push(`'${tensor.name}': ${difference.problem}`);
  }
  return {
    status: problems.length === 0 ? 'passed' : 'failed',
    worstError: Number.isFinite(worst) ? worst : null,
    reason: problems.join('; '),
  };
}
