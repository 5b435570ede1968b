// The least that a page could do by itself for the same dispatches: their pipelines, with bind groups over other buffers.
import { type CompiledGraph, explain } from '@tilewright/graph';
import type { ProgramDispatch } from '@tilewright/kernels';

export interface BareLoop {
  readonly dispatches: number;
  /** `setPipeline`, `setBindGroup`, `dispatchWorkgroups`, over and over in one pass, and its submission. */
  run(): void;
  dispose(): void;
}

const usage = { uniform: 0x40, storage: 0x80 } as const;
const compute = 0x4;

export function openBareLoop(device: GPUDevice, compiled: CompiledGraph): BareLoop {
  const buffers: GPUBuffer[] = [];
  const buffer = (size: number, flags: number): GPUBuffer => {
    const created = device.createBuffer({ size: Math.max(256, Math.ceil(size / 16) * 16), usage: flags });
    buffers.push(created);
    return created;
  };
  const uniform = buffer(256, usage.uniform);
  const pipelines = new Map<string, Map<string, GPUComputePipeline>>();
  const groups = new Map<GPUComputePipeline, GPUBindGroupLayout>();
  const workgroups = explain(compiled).calls.map((call) => Math.max(1, call.workgroups));

  const steps = compiled.calls.flatMap(({ program, bindings }, index) => {
    const pipelineOf = ({ entryPoint, bindings: used }: ProgramDispatch): GPUComputePipeline => {
      const known = pipelines.get(program.wgsl)?.get(entryPoint);
      if (known) return known;
      const entries: GPUBindGroupLayoutEntry[] = [];
      program.bindings.forEach(({ name, access }, binding) => {
        const type = access === 'read' ? 'read-only-storage' : 'storage';
        if (used.includes(name)) entries.push({ binding, visibility: compute, buffer: { type } });
      });
      if (program.uniforms.length > 0)
        entries.push({ binding: program.bindings.length, visibility: compute, buffer: { type: 'uniform' } });
      const layout = device.createBindGroupLayout({ entries });
      const pipeline = device.createComputePipeline({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ code: program.wgsl }), entryPoint },
      });
      groups.set(pipeline, layout);
      pipelines.set(program.wgsl, (pipelines.get(program.wgsl) ?? new Map()).set(entryPoint, pipeline));
      return pipeline;
    };
    return program.dispatches.map((dispatch) => {
      const pipeline = pipelineOf(dispatch);
      const entries: GPUBindGroupEntry[] = [];
      program.bindings.forEach(({ name }, binding) => {
        if (!dispatch.bindings.includes(name)) return;
        const value = bindings[name];
        const placement = value === undefined ? undefined : compiled.memory.placements[value];
        entries.push({
          binding,
          resource: { buffer: buffer(placement?.sizeBytes ?? 2 ** 16, usage.storage) },
        });
      });
      if (program.uniforms.length > 0)
        entries.push({ binding: program.bindings.length, resource: { buffer: uniform } });
      const group = device.createBindGroup({ layout: groups.get(pipeline)!, entries });
      return { pipeline, group, count: Math.min(65_535, workgroups[index]!) };
    });
  });
  return {
    dispatches: steps.length,
    run() {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const { pipeline, group, count } of steps) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(count, 1, 1);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
    dispose() {
      for (const created of buffers) created.destroy();
    },
  };
}
