import type { StorageType } from './storage-type.ts';

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
 * f16 needs no feature: pairs are packed in u32 words. What is larger than 65504, infinities included, is stored as ±65504,
 * and NaN as NaN: `clamp` and `pack2x16float` may make any number of it, so its bits are set. Single halves are stored by
 * atomics on the word that two of them share, which is right everywhere and slow; or, where the Program requires
 * `shader-f16` anyway (`halfStorage`), as what they are.
 */
export function declareTensor(tensor: DeclaredTensor, binding: number, halfStorage: boolean): string {
  const { name, dtype, width, access } = tensor;
  const half = dtype === 'f16';
  const isRead = access === 'read';
  const value = vector(half ? 'f32' : dtype, width);
  const at = `${name}[i]`;
  const word = `${name}[i >> 1u]`;
  const single = '(pack2x16float(vec2<f32>(c, 0.0)) | n)';
  const [element, load, store] = !half
    ? [value, at, `${at} = v;`]
    : width === 4
      ? [
          'vec2<u32>',
          `vec4<f32>(unpack2x16float(${at}.x), unpack2x16float(${at}.y))`,
          `${at} = vec2<u32>(pack2x16float(c.xy) | n.x | n.y, pack2x16float(c.zw) | n.z | n.w);`,
        ]
      : width === 2
        ? ['u32', `unpack2x16float(${at})`, `${at} = pack2x16float(c) | n.x | n.y;`]
        : halfStorage
          ? ['f16', `f32(${at})`, `${at} = bitcast<vec2<f16>>${single}.x;`]
          : [
              isRead ? 'u32' : 'atomic<u32>',
              `unpack2x16float(${isRead ? word : `atomicLoad(&${word})`} >> (16u * (i & 1u))).x`,
              `let shift = 16u * (i & 1u); atomicAnd(&${word}, ~(0xffffu << shift)); atomicOr(&${word}, ${single} << shift);`,
            ];
  // `n`: the bits that make a half NaN, where `v` is; for vectors at the place in its word that each component has.
  const bits = vector('u32', width);
  const pair = '0x7e00u, 0x7e000000u';
  const halves = width === 1 ? '0x7e00u' : `${bits}(${width === 2 ? pair : `${pair}, ${pair}`})`;
  const clamped = half
    ? `let c = clamp(v, ${value}(-65504.0), ${value}(65504.0)); let n = select(${bits}(), ${halves}, (bitcast<${bits}>(v) & ${bits}(0x7fffffffu)) > ${bits}(0x7f800000u)); `
    : '';
  return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${element}>;
fn ${name}_load(i: u32) -> ${value} { return ${load}; }${
    isRead ? '' : `\nfn ${name}_store(i: u32, v: ${value}) { ${clamped}${store} }`
  }`;
}

/** The WGSL type of `width` elements. */
export const vector = (type: string, width: number): string => (width === 1 ? type : `vec${width}<${type}>`);
