import type { StorageType } from './contract.ts';

export interface DeclaredTensor {
  readonly name: string;
  readonly dtype: StorageType;
  readonly width: 1 | 2 | 4;
  readonly access: 'read' | 'read_write';
}

/**
 * The WGSL of a binding and its accessors: `<name>_load(i)` and, where writable, `<name>_store(i, v)`, in units of
 * `width` elements, always f32 (or the integer type) on the inside.
 *
 * f16 needs no feature: pairs are packed in u32 words, and stores clamp to ±65504, so that no finite value becomes
 * infinite in silence. Only a scalar f16 *store* needs `shader-f16` (`halfStorage`), because two invocations would
 * share a word; without it `<name>_store` is left undeclared and the variant must not call it.
 */
export function declareTensor(tensor: DeclaredTensor, binding: number, halfStorage: boolean): string {
  const { name, access } = tensor;
  const code = accessorsOf(tensor, halfStorage);
  const lines = [
    `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${code.element}>;`,
    `fn ${name}_load(i: u32) -> ${code.value} { return ${code.load}; }`,
  ];
  if (access === 'read_write' && code.store !== undefined)
    lines.push(`fn ${name}_store(i: u32, v: ${code.value}) { ${code.store} }`);
  return lines.join('\n');
}

interface Accessors {
  readonly element: string;
  readonly value: string;
  readonly load: string;
  readonly store: string | undefined;
}

function accessorsOf({ name, dtype, width }: DeclaredTensor, halfStorage: boolean): Accessors {
  if (dtype !== 'f16') {
    const type = width === 1 ? dtype : `vec${width}<${dtype}>`;
    return { element: type, value: type, load: `${name}[i]`, store: `${name}[i] = v;` };
  }
  const clamped = (value: string, low: string, high: string): string => `clamp(${value}, ${low}, ${high})`;
  if (width === 4) {
    const packed = `let c = ${clamped('v', 'vec4<f32>(-65504.0)', 'vec4<f32>(65504.0)')};`;
    return {
      element: 'vec2<u32>',
      value: 'vec4<f32>',
      load: `vec4<f32>(unpack2x16float(${name}[i].x), unpack2x16float(${name}[i].y))`,
      store: `${packed} ${name}[i] = vec2<u32>(pack2x16float(c.xy), pack2x16float(c.zw));`,
    };
  }
  if (width === 2)
    return {
      element: 'u32',
      value: 'vec2<f32>',
      load: `unpack2x16float(${name}[i])`,
      store: `${name}[i] = pack2x16float(${clamped('v', 'vec2<f32>(-65504.0)', 'vec2<f32>(65504.0)')});`,
    };
  if (halfStorage)
    return {
      element: 'f16',
      value: 'f32',
      load: `f32(${name}[i])`,
      store: `${name}[i] = f16(${clamped('v', '-65504.0', '65504.0')});`,
    };
  return {
    element: 'u32',
    value: 'f32',
    load: `unpack2x16float(${name}[i >> 1u] >> (16u * (i & 1u))).x`,
    store: undefined,
  };
}
