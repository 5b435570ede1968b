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
  const { name, dtype, width, access } = tensor;
  const half = dtype === 'f16';
  const value = vector(half ? 'f32' : dtype, width);
  const at = `${name}[i]`;
  let [element, load, store] = [value, at, 'v'];
  if (half && width === 4) {
    element = 'vec2<u32>';
    load = `vec4<f32>(unpack2x16float(${at}.x), unpack2x16float(${at}.y))`;
    store = 'vec2<u32>(pack2x16float(c.xy), pack2x16float(c.zw))';
  } else if (half && width === 2)
    [element, load, store] = ['u32', `unpack2x16float(${at})`, 'pack2x16float(c)'];
  else if (half && halfStorage) [element, load, store] = ['f16', `f32(${at})`, 'f16(c)'];
  else if (half)
    [element, load, store] = ['u32', `unpack2x16float(${name}[i >> 1u] >> (16u * (i & 1u))).x`, ''];
  const clamped = half ? `let c = clamp(v, ${value}(-65504.0), ${value}(65504.0)); ` : '';
  return [
    `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${element}>;`,
    `fn ${name}_load(i: u32) -> ${value} { return ${load}; }`,
    ...(access === 'read_write' && store
      ? [`fn ${name}_store(i: u32, v: ${value}) { ${clamped}${at} = ${store}; }`]
      : []),
  ].join('\n');
}

const vector = (type: string, width: number): string => (width === 1 ? type : `vec${width}<${type}>`);
