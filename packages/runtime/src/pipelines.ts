import { type Program, TilewrightError } from '@tilewright/kernels';
import type { MutableCounters } from './counters.ts';
import type { ErrorScopes } from './error-scopes.ts';

/** A dispatch of a Program, compiled. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export interface PipelineCache {
  /** One pipeline per dispatch of the Program, compiled in parallel; the same text is compiled once per device. */
  compile(program: Program): Promise<readonly Pipeline[]>;
}

const compute = 0x4; // GPUShaderStage.COMPUTE

export function createPipelineCache(
  device: GPUDevice,
  counters: MutableCounters,
  scopes: ErrorScopes,
): PipelineCache {
  const modules = new Map<string, GPUShaderModule>();
  const pipelines = new Map<string, Promise<Pipeline>>();
  let compiling = 0;
  let compilingSince = 0;

  const moduleOf = (program: Program): GPUShaderModule => {
    const known = modules.get(program.wgsl);
    if (known) return known;
    // What is wrong with a shader is told when its pipeline fails, not a second time as the device's error.
    const label = `${program.kernel} ${program.plan.variant}`;
    const compiled = scopes.run(
      () => device.createShaderModule({ code: program.wgsl, label }),
      () => {},
    );
    modules.set(program.wgsl, compiled);
    return compiled;
  };

  const compileDispatch = async (program: Program, index: number): Promise<Pipeline> => {
    const { entryPoint, bindings } = program.dispatches[index]!;
    const entries: GPUBindGroupLayoutEntry[] = [];
    program.bindings.forEach(({ name, access }, binding) => {
      if (!bindings.includes(name)) return;
      const type = access === 'read' ? 'read-only-storage' : 'storage';
      entries.push({ binding, visibility: compute, buffer: { type } });
    });
    if (program.uniforms.length > 0)
      entries.push({ binding: program.bindings.length, visibility: compute, buffer: { type: 'uniform' } });
    const label = `${program.kernel} ${program.plan.variant} ${entryPoint}`;
    if (compiling++ === 0) compilingSince = Date.now();
    const module = moduleOf(program);
    const layout = scopes.run(() => device.createBindGroupLayout({ entries, label }));
    try {
      const pipeline = await scopes.run(() =>
        device.createComputePipelineAsync({
          label,
          layout: device.createPipelineLayout({ bindGroupLayouts: [layout], label }),
          compute: { module, entryPoint },
        }),
      );
      counters.pipelinesCompiled++;
      return { pipeline, layout };
    } catch (cause) {
      throw await shaderError(program, module, cause);
    } finally {
      // Pipelines compile side by side: what counts is how long one had to wait for them.
      if (--compiling === 0) counters.compileMs += Date.now() - compilingSince;
    }
  };

  return {
    compile: (program) =>
      Promise.all(
        program.dispatches.map((dispatch, index) => {
          const key = `${dispatch.entryPoint}\n${dispatch.bindings.join()}\n${program.wgsl}`;
          const known = pipelines.get(key);
          if (known) return known;
          const made = compileDispatch(program, index);
          pipelines.set(key, made);
          made.catch(() => pipelines.delete(key));
          return made;
        }),
      ),
  };
}

/** Kernel, variant, Plan, and the WGSL line the compiler points at. */
async function shaderError(
  program: Program,
  module: GPUShaderModule,
  cause: unknown,
): Promise<TilewrightError> {
  const { messages } = await module.getCompilationInfo();
  const first = messages.find((message) => message.type === 'error');
  const line = first ? program.wgsl.split('\n')[first.lineNum - 1] : undefined;
  const where = first
    ? `line ${first.lineNum}:${first.linePos}: ${first.message}\n  ${line}\n  ${' '.repeat(Math.max(0, first.linePos - 1))}^`
    : String(cause instanceof Error ? cause.message : cause);
  return new TilewrightError(
    'shader-error',
    {
      subject: program.kernel,
      problem: `the shader of plan ${JSON.stringify(program.plan)} does not compile: ${where}`,
      fix: 'report this bug of the kernel with the adapter; if the kernel is yours, the line is one of `program.wgsl`',
    },
    { cause },
  );
}
