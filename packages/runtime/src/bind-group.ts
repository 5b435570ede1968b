import { TilewrightError } from '@tilewright/kernels';
import type { Pipeline } from './pipelines.ts';
import type { SequenceItem } from './sequence-item.ts';

export function bindGroup(
  device: GPUDevice,
  item: SequenceItem,
  index: number,
  { layout }: Pipeline,
  uniform: GPUBuffer | undefined,
  uniformOffset: number,
): GPUBindGroup {
  const { program } = item;
  const used = program.dispatches[index]!.bindings;
  const entries: GPUBindGroupEntry[] = [];
  program.bindings.forEach(({ name }, binding) => {
    if (!used.includes(name)) return;
    const slice = item.bindings[name];
    if (!slice)
      throw new TilewrightError('bad-argument', {
        subject: program.kernel,
        problem: `nothing is bound to '${name}'`,
        requirement: `the program binds ${program.bindings.map((each) => each.name).join(', ')}`,
      });
    const size = Math.min(Math.ceil(slice.sizeBytes / 16) * 16, slice.buffer.size - slice.offsetBytes);
    const most = device.limits.maxStorageBufferBindingSize;
    if (size > most)
      throw new TilewrightError('limit-exceeded', {
        subject: program.kernel,
        problem: `'${name}' takes ${size} bytes`,
        requirement: `this device binds at most ${most} bytes at once`,
        fix: 'split the tensor along its rows',
      });
    entries.push({ binding, resource: { buffer: slice.buffer, offset: slice.offsetBytes, size } });
  });
  if (uniform && program.uniforms.length > 0)
    entries.push({
      binding: program.bindings.length,
      resource: {
        buffer: uniform,
        offset: uniformOffset,
        size: Math.ceil((program.uniforms.length * 4) / 16) * 16,
      },
    });
  return device.createBindGroup({ layout, entries, label: item.label ?? program.kernel });
}
