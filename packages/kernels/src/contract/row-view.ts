// Rows that lie apart, or somewhere inside of the tensor that is bound: what a Problem says of them, and their accessors.
import { type DeclaredTensor, vector } from './tensor-access.ts';

/** A number of elements: known, or given at each run and a multiple of a known one. */
export type Distance = number | { readonly multipleOf: number };

/**
 * Where the rows of a tensor begin, a row being its last axis. The whole tensor that they are part of is bound. Where a run says
 * one of the two, it is the uniform `<tensor>_stride` or `<tensor>_offset`.
 */
export interface RowView {
  /** Elements from a row to the next. 0 reads the same row again and again. */
  readonly stride: Distance;
  /** Elements before the first row. */
  readonly offset: Distance;
}

const factor = (distance: Distance): number =>
  typeof distance === 'number' ? distance : distance.multipleOf;

/** The uniforms of a view, in the order of `params`. */
export const viewUniforms = (name: string, view: RowView): readonly { name: string; type: 'u32' }[] =>
  (['stride', 'offset'] as const).flatMap((part) =>
    typeof view[part] === 'number' ? [] : [{ name: `${name}_${part}`, type: 'u32' }],
  );

/** The largest number of elements, up to `width`, that an access may take at once. */
export const viewWidth = ({ stride, offset }: RowView, width: 1 | 2 | 4): 1 | 2 | 4 =>
  ([4, 2] as const).find(
    (size) => size <= width && factor(stride) % size === 0 && factor(offset) % size === 0,
  ) ?? 1;

/**
 * The accessors of a tensor whose rows lie as `view` says, over those of the tensor that is bound, `<name>_root`: they count units
 * as if row lay behind row, `units` to a row.
 */
export function viewAccessors(
  { name, dtype, width, access }: DeclaredTensor,
  tensor: string,
  view: RowView,
  units: number,
): string {
  const root = viewWidth(view, width);
  const parts = Array.from({ length: width / root }, (_, k) => k);
  const value = vector(dtype === 'f16' ? 'f32' : dtype, width);
  const term = (part: 'stride' | 'offset'): string =>
    typeof view[part] === 'number' ? `${view[part] / root}u` : `params.${tensor}_${part} / ${root}u`;
  const place = `let at = ${term('offset')} + i / ${units}u * (${term('stride')}) + i % ${units}u * ${parts.length}u;`;
  const loads = parts.map((k) => `${name}_root_load(at + ${k}u)`).join(', ');
  const part = (k: number): string => (root === width ? '' : `.${'xyzw'.slice(k * root, (k + 1) * root)}`);
  const stores = parts.map((k) => `${name}_root_store(at + ${k}u, v${part(k)});`).join(' ');
  return `fn ${name}_load(i: u32) -> ${value} { ${place} return ${value}(${loads}); }
${access === 'read' ? '' : `fn ${name}_store(i: u32, v: ${value}) { ${place} ${stores} }`}`;
}
