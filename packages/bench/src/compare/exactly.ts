import { caseProblem, checkProblem, type KernelCheck, type ProblemInput } from '@tilewright/kernels';

/** The first output of a kernel's oracle in f64. */
export function exactly(
  { kernel, reference }: KernelCheck,
  input: ProblemInput,
  inputs: Readonly<Record<string, Float32Array>>,
): Float64Array {
  const problem = checkProblem(kernel, caseProblem(input));
  const outputs = reference({
    axes: problem.axes,
    scalars: problem.scalars,
    uniforms: {},
    options: problem.options,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, Float64Array.from(data)])),
    slots: Object.fromEntries(
      Object.entries(problem.slots).map(([slot, filling]) => [slot, filling.reference]),
    ),
    round: (value) => value,
  });
  return outputs[Object.keys(kernel.outputs)[0]!]!;
}
