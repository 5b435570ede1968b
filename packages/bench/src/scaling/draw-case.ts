import {
  caseProblem,
  type CheckCase,
  checkProblem,
  type KernelCheck,
  type Problem,
} from '@tilewright/kernels';
import { drawInputs } from '../verify/draw-inputs.ts';

/** A case of a kernel in f32 with its inputs. */
export interface DrawnCase {
  readonly check: KernelCheck;
  readonly input: CheckCase;
  readonly problem: Problem;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array | Uint32Array;
    readonly exact: Float64Array;
  }[];
}

/** Draws the inputs of a case as the tests of its kernel do. */
export function drawCase(check: KernelCheck, input: CheckCase): DrawnCase {
  const problem = checkProblem(check.kernel, caseProblem(input));
  const tensors = [...drawInputs(check, input, problem, 1)].map(([name, { shape, data, exact }]) => ({
    name,
    shape,
    data: data as Float32Array | Uint32Array,
    exact,
  }));
  return { check, input, problem, tensors };
}
