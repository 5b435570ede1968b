import type { Filling, FillingBinding } from '@tilewright/kernels';

/** What a part calls a binding that the whole calls `name`; a filling's `y` is a binding of its own. */
export const partBinding = (name: string): string =>
  name === 'y' ? 'epilogue.y' : name.replace(/^epilogue\./, 'epilogue.whole_');

/**
 * The epilogue of a product that makes only some columns of its result: those from `from` on of `columns` in all, with
 * `of` as the epilogue of the whole. `from` is a multiple of 4. The bindings of `of` are called `whole_<name>`, and `y` is
 * one of this filling, whole and not the part's. Columns that other parts make are left as they are.
 */
export function columnRange(
  of: Filling,
  range: { readonly from: number; readonly columns: number },
): Filling {
  const { from, columns } = range;
  const storesY = !of.omits?.includes('y');
  const quads = columns % 4 === 0;
  const bindings: Record<string, FillingBinding> = {};
  for (const [name, binding] of Object.entries(of.bindings ?? {}))
    bindings[`whole_${name}`] = binding.role === 'output' ? { ...binding, role: 'in-out' } : binding;
  if (storesY)
    bindings.y = {
      shape: ['batch', 'm', columns],
      dtype: 'float',
      width: quads ? 4 : 1,
      role: 'in-out',
    };
  return {
    id: `${of.id}@${from}/${columns}`,
    ...(of.requires && { requires: of.requires }),
    ...(of.uniforms && {
      uniforms: Object.fromEntries(
        Object.entries(of.uniforms).map(([name, type]) => [`whole_${name}`, type]),
      ),
    }),
    bindings,
    omits: [...(of.omits ?? []), ...(storesY ? ['y'] : [])],
    // The kernel leaves `y_store_quad` undefined where `y` is omitted, so the name is free for the whole's store.
    wgsl: (slot) => `${of.wgsl(`${slot}_whole`)}
fn ${slot}(row: u32, column: u32, v: vec4<f32>) { ${slot}_whole(row, column + ${from}u, v); }
${storesY ? storeQuad(`${slot}_y_store`, columns) : ''}`,
    reference: undefined,
  };
}

const storeQuad = (store: string, columns: number): string =>
  columns % 4 === 0
    ? `fn y_store_quad(row: u32, column: u32, v: vec4<f32>) { ${store}((row * ${columns}u + column) / 4u, v); }`
    : `fn y_store_quad(row: u32, column: u32, v: vec4<f32>) {
  let at = row * ${columns}u + column;
  ${store}(at, v.x);
  if (column + 1u < ${columns}u) { ${store}(at + 1u, v.y); }
  if (column + 2u < ${columns}u) { ${store}(at + 2u, v.z); }
  if (column + 3u < ${columns}u) { ${store}(at + 3u, v.w); }
}`;
