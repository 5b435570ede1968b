import type { Extent, Filling, FillingBinding } from '@tilewright/kernels';
import { regionsOf } from '../graph-index.ts';
import type { LoweringContext, Node, Region, RegionStep } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { badNode } from '../operators/shapes.ts';
import type { RowRange } from '@tilewright/kernels/weights';

/** What the regions behind a product come to: a filling, what it binds, and which columns each binding holds. */
export interface RegionEpilogue {
  readonly filling: Filling | undefined;
  readonly bindings: Readonly<Record<string, string>>;
  readonly addressedBytes: Readonly<Record<string, Extent>>;
  readonly columnsOf: Readonly<Record<string, RowRange>>;
}

/** A step without the graph's values: what the text of a filling depends on. */
interface BoundStep extends Pick<RegionStep, 'id' | 'kind' | 'wgsl'> {
  /** The filling's binding for each of the step's. */
  readonly names: Readonly<Record<string, string>>;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly steps: readonly BoundStep[];
  /** Where a region ends that stores nothing: the binding of its result, `undefined` for the product's own. */
  readonly stored: string | undefined | null;
}

/**
 * The regions behind the output of a product with `columns` columns, as one filling: maps of all columns, where the first region
 * has no results; then for each range of columns a chain of maps and a store. Buffers that several steps read are bound once. Throws `bad-graph` for ranges that quads straddle.
 */
export function regionEpilogue(
  node: Node,
  output: { readonly role: string; readonly columns: number; readonly regions?: readonly Region[] },
  context: LoweringContext,
): RegionEpilogue {
  const { columns } = output;
  const regions = output.regions ?? regionsOf(node, 'epilogue');
  if (regions.length === 0) {
    const y = node.outputs[output.role]!;
    return { filling: undefined, bindings: { y }, addressedBytes: {}, columnsOf: { y: [0, columns] } };
  }
  const bound = new Map<string, FillingBinding>();
  const bindings: Record<string, string> = {};
  const addressedBytes: Record<string, Extent> = {};
  const columnsOf: Record<string, RowRange> = {};
  const places = new Map<string, string>();
  const bind = (binding: FillingBinding, value: string, range: RowRange): string => {
    const key = JSON.stringify([value, binding]);
    const name = places.get(key) ?? `b${places.size}`;
    places.set(key, name);
    bound.set(name, binding);
    bindings[`epilogue.${name}`] = value;
    const width = binding.shape.at(-1);
    if (binding.role !== undefined || width === range[1] - range[0]) columnsOf[`epilogue.${name}`] = range;
    return name;
  };
  const stepsOf = ({ arguments: [argument], nodes }: Region, range: RowRange): readonly BoundStep[] => {
    const width = range[1] - range[0];
    let { value } = argument!;
    return nodes.map((written) => {
      const inner = completeNode(written);
      const { id, kind, wgsl, bindings } = inner.operator.absorption!.step!(
        inner,
        { argument: value, width },
        context,
      );
      const names: Record<string, string> = {};
      for (const [name, { value: buffer, addressedBytes: addressed, ...binding }] of Object.entries(
        bindings,
      )) {
        const place = bind(binding, buffer, range);
        names[name] = place;
        if (addressed !== undefined) addressedBytes[`epilogue.${place}`] = addressed;
      }
      value = Object.values(inner.outputs)[0]!;
      return { id, kind, wgsl, names };
    });
  };
  const isShared = regions[0]!.results.length === 0;
  const shared = isShared ? stepsOf(regions[0]!, [0, columns]) : [];
  const ranges = regions.slice(isShared ? 1 : 0).map((region): Range => {
    const [argument] = region.arguments;
    const [from, to] = argument!.columns ?? [0, columns];
    const isWhole = from === 0 && to === columns;
    if (region.arguments.length > 1 || (!isWhole && (from % 4 !== 0 || to % 4 !== 0)))
      throw badNode(
        node.name,
        `it has a result of columns ${from} to ${to}`,
        'four neighbouring columns belong to one result',
      );
    const width = to - from;
    const steps = stepsOf(region, [from, to]);
    if (steps.at(-1)?.kind === 'store') return { from, to, steps, stored: null };
    const result = region.results[0]!;
    if (isWhole) {
      bindings.y = result;
      columnsOf.y = [0, columns];
      return { from, to, steps, stored: undefined };
    }
    const plain = { shape: ['batch', 'm', width], dtype: 'float', width: 4, role: 'output' } as const;
    return { from, to, steps, stored: bind(plain, result, [from, to]) };
  });
  const filling = fillingOf(shared, ranges, columns, bound);
  return { filling, bindings, addressedBytes, columnsOf };
}

function fillingOf(
  shared: readonly BoundStep[],
  ranges: readonly Range[],
  columns: number,
  bound: ReadonlyMap<string, FillingBinding>,
): Filling {
  const storesY = ranges.some(({ stored }) => stored === undefined);
  return {
    id: JSON.stringify([shared, ranges]),
    bindings: Object.fromEntries(bound),
    ...(!storesY && { omits: ['y'] }),
    wgsl: (slot) => {
      const functionsOf = (steps: readonly BoundStep[], part: string): readonly string[] =>
        steps.map(({ wgsl, names }, s) =>
          wgsl(`${slot}_${part}s${s}`, (binding) => `${slot}_${names[binding]!}`),
        );
      const functions = [
        ...functionsOf(shared, ''),
        ...ranges.flatMap(({ steps }, r) => functionsOf(steps, `r${r}`)),
      ];
      const lines = shared.map((_, s) => `  let v${s + 1} = ${slot}_s${s}(row, column, v${s || ''});`);
      const value = `v${shared.length || ''}`;
      const bodies = [...lines, ...ranges.map((range, r) => bodyOf(slot, range, r, columns, value))];
      return `${functions.join('\n')}
fn ${slot}(row: u32, column: u32, v: vec4<f32>) {
${bodies.join('\n')}
}`;
    },
    // What it means, the nodes of the regions say.
    reference: undefined,
  };
}

function bodyOf(
  slot: string,
  { from, to, steps, stored }: Range,
  r: number,
  columns: number,
  start: string,
): string {
  const isWhole = from === 0 && to === columns;
  const column = isWhole || from === 0 ? 'column' : `column - ${from}u`;
  let value = start;
  const lines = steps.map(({ kind }, s) => {
    const call = `${slot}_r${r}s${s}(row, ${column}, ${value});`;
    if (kind === 'store') return `  ${call}`;
    value = `r${r}v${s}`;
    return `  let ${value} = ${call}`;
  });
  if (stored === undefined) lines.push(`  y_store_quad(row, column, ${value});`);
  else if (stored !== null)
    lines.push(`  ${slot}_${stored}_store((row * ${to - from}u + ${column}) / 4u, ${value});`);
  if (isWhole) return lines.join('\n');
  return `if (column < ${to}u) {\n${lines.join('\n')}\n  return;\n}`;
}
