import { type Extent } from '@tilewright/kernels';
import { storeRows } from '@tilewright/kernels/store-rows';
import type { KernelRequest, LoweringContext, RegionStep } from '../ir.ts';
import { dtypesOf, rowsOf, staticSize } from './requests.ts';

/** What a step behind a product does, by itself, for the rows of `x`: one column at a time if `singly`. Without `y` it stores elsewhere. */
export function storeRowsRequest(
  context: LoweringContext,
  { x, y }: { readonly x: string; readonly y?: string },
  { id, bindings: stepBindings, wgsl }: Omit<RegionStep, 'kind'>,
  { singly, flops = 0 }: { readonly singly: boolean; readonly flops?: Extent },
): KernelRequest {
  const rows = rowsOf(context, x);
  const entries = Object.entries(stepBindings);
  const bindings: Record<string, string> = { x, ...(y !== undefined && { y }) };
  const addressedBytes: Record<string, Extent> = {};
  for (const [name, { value, addressedBytes: addressed }] of entries) {
    bindings[`epilogue.${name}`] = value;
    if (addressed !== undefined) addressedBytes[`epilogue.${name}`] = addressed;
  }
  return {
    kernels: [storeRows],
    problem: {
      axes: { batch: 1, m: context.planned(rows), n: staticSize(context, x, -1) },
      dtypes: dtypesOf(context, bindings),
      options: { singly },
      slots: {
        epilogue: {
          id,
          bindings: Object.fromEntries(
            entries.map(([name, { value: _value, addressedBytes: _bytes, ...binding }]) => [name, binding]),
          ),
          omits: y === undefined ? ['y'] : [],
          wgsl: (slot) => wgsl(slot, (name) => `${slot}_${name}`),
          reference: undefined,
        },
      },
    },
    bindings,
    sizes: { batch: 1, m: rows },
    addressedBytes,
    flops,
  };
}
