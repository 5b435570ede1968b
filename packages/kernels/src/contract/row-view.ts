// Rows that lie apart, or somewhere inside of the tensor that is bound: what a Problem says of them, and their accessors.
import { rowLength } from './bindings.ts';
import type { Distance, RowView } from './contract.ts';
import { type DeclaredTensor, vector } from './tensor-access.ts';

/**
 * Rows `stride` elements apart, the first after `offset` elements. Where a run says one of the two, it is the uniform
 * `<tensor>_stride` or `<tensor>_offset`.
 */
export const rowView = ({ stride, offset }: Pick<RowView, 'stride' | 'offset'>): RowView =>
  Object.freeze<RowView>({
    stride,
    offset,
    declare(tensor, name, kernel, problem) {
      const width = viewWidth({ stride, offset }, tensor.width);
      const units = rowLength(kernel, problem, name) / tensor.width;
      return {
        root: { ...tensor, name: `${tensor.name}_root`, width },
        wgsl: viewAccessors(tensor, name, { stride, offset }, units),
        uniforms: Object.entries({ stride, offset }).flatMap(([part, distance]) =>
          typeof distance === 'number' ? [] : [{ name: `${name}_${part}`, type: 'u32' }],
        ),
      };
    },
  });

type Rows = Pick<RowView, 'stride' | 'offset'>;

const factor = (distance: Distance): number =>
  typeof distance === 'number' ? distance : distance.multipleOf;

/** The largest number of elements, up to `width`, that an access may take at once. */
export const viewWidth = ({ stride, offset }: Rows, width: 1 | 2 | 4): 1 | 2 | 4 =>
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
  view: Rows,
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
