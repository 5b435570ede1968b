import { assemble, ceilDiv, defineKernel, type Kernel, times } from '@tilewright/kernels';

const workgroup = 64;

const wgsl = `@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linear_workgroup(id, count) * WORKGROUP + lane;
  if (i >= params.rows * COLUMNS) { return; }
  let x = x_load(i);
  y_store(i, x / (1.0 + abs(x)));
}
`;

/** y = x / (1 + |x|), element by element. */
export const softSignKernel: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'tidal-soft-sign',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: { x: ['rows', 'columns'] },
  outputs: { y: ['rows', 'columns'] },
  dtypes: ['f32', 'f16'],
  variants: [
    {
      name: 'baseline',
      program: (problem, plan) =>
        assemble({
          kernel: softSignKernel,
          problem,
          plan,
          constants: { WORKGROUP: workgroup, COLUMNS: problem.axes.columns! },
          wgsl: [wgsl],
          dispatches: [
            { entryPoint: 'main', workgroups: ceilDiv(times('rows', problem.axes.columns!), workgroup) },
          ],
        }),
    },
  ],
});
