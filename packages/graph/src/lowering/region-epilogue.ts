import type { Extent, Filling, FillingBinding } from '@tilewright/kernels';
import type { EpilogueReference } from '@tilewright/kernels/fillings';
import { regionsOf } from '../graph-index.ts';
import type { LoweringContext, Node, Region, RegionStep } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { badNode } from '../operators/shapes.ts';
import type { RowRange } from '@tilewright/kernels/weights';

/** What the regions behind a product come to: a filling, what it binds, and which columns each binding holds. */
export interface RegionEpilogue {
  readonly filling: Filling<EpilogueReference> | undefined;
  readonly bindings: Readonly<Record<string, string>>;
  readonly addressedBytes: Readonly<Record<string, Extent>>;
  readonly columnsOf: Readonly<Record<string, RowRange>>;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly steps: readonly { readonly step: RegionStep; readonly names: ReadonlyMap<string, string> }[];
  /** Where a region ends that stores nothing: the binding of its result, `undefined` for the product's own. */
  readonly stored: string | undefined | null;
}

/**
 * The regions behind the output of a product with `columns` columns, as one filling: for each range of columns a chain of
 * maps, then a store. Buffers that several steps read are bound once. Throws `bad-graph` for ranges that quads straddle.
 */
export function regionEpilogue(
  node: Node,
  output: { readonly role: string; readonly columns: number; readonly regions?: readonly Region[] },
  context: LoweringContext,
): RegionEpilogue {
  const { columns } = output;
  const regions = output.regions ?? regionsOf(node, 'epilogue');
  if (regions.length === 0 || isPlain(regions, columns)) {
    const y = regions[0]?.results[0] ?? node.outputs[output.role]!;
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
  const ranges = regions.map((region): Range => {
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
    let value = argument!.value;
    const steps = region.nodes.map((written) => {
      const inner = completeNode(written);
      const step = inner.operator.absorption!.step!(inner, { argument: value, width }, context);
      const names = new Map<string, string>();
      for (const [name, { value: buffer, addressedBytes: addressed, ...binding }] of Object.entries(
        step.bindings,
      )) {
        const place = bind(binding, buffer, [from, to]);
        names.set(name, place);
        if (addressed !== undefined) addressedBytes[`epilogue.${place}`] = addressed;
      }
      value = Object.values(inner.outputs)[0]!;
      return { step, names };
    });
    if (steps.at(-1)?.step.kind === 'store') return { from, to, steps, stored: null };
    const result = region.results[0]!;
    if (isWhole) {
      bindings.y = result;
      columnsOf.y = [0, columns];
      return { from, to, steps, stored: undefined };
    }
    const plain = { shape: ['batch', 'm', width], dtype: 'float', width: 4, role: 'output' } as const;
    return { from, to, steps, stored: bind(plain, result, [from, to]) };
  });
  const filling = fillingOf(ranges, columns, bound);
  return { filling, bindings, addressedBytes, columnsOf };
}

/** One region of everything that does nothing. */
const isPlain = (regions: readonly Region[], columns: number): boolean =>
  regions.length === 1 &&
  regions[0]!.nodes.length === 0 &&
  regions[0]!.arguments.every(({ columns: part }) => !part || (part[0] === 0 && part[1] === columns));

function fillingOf(
  ranges: readonly Range[],
  columns: number,
  bound: ReadonlyMap<string, FillingBinding>,
): Filling<EpilogueReference> {
  const storesY = ranges.some(({ stored }) => stored === undefined);
  const text = ranges.map(({ from, to, steps, stored }) => [
    from,
    to,
    steps.map(({ step, names }) => [step.id, [...names]]),
    stored === undefined ? 'y' : stored,
  ]);
  return {
    id: JSON.stringify(text),
    bindings: Object.fromEntries(bound),
    ...(!storesY && { omits: ['y'] }),
    wgsl: (slot) => {
      const functions = ranges.flatMap(({ steps }, r) =>
        steps.map(({ step, names }, s) =>
          step.wgsl(`${slot}_r${r}s${s}`, (binding) => `${slot}_${names.get(binding)!}`),
        ),
      );
      const bodies = ranges.map((range, r) => bodyOf(slot, range, r, columns));
      return `${functions.join('\n')}
fn ${slot}(row: u32, column: u32, v: vec4<f32>) {
${bodies.join('\n')}
}`;
    },
    reference: ({ y, rows, inputs, round }) => {
      const outputs: Record<string, Float64Array> = {};
      for (const { from, to, steps, stored } of ranges) {
        const width = to - from;
        let values = new Float64Array(rows * width);
        for (let row = 0; row < rows; row++)
          values.set(y.subarray(row * columns + from, row * columns + to), row * width);
        for (const { step, names } of steps) {
          const own = Object.fromEntries([...names].map(([name, place]) => [name, inputs[place]!]));
          const result = step.reference({ rows, width, y: values, inputs: own, round });
          if (result instanceof Float64Array) values = Float64Array.from(result);
          else
            for (const [name, data] of Object.entries(result)) outputs[`epilogue.${names.get(name)!}`] = data;
        }
        if (stored !== null) outputs[stored === undefined ? 'y' : `epilogue.${stored}`] = values;
      }
      return outputs;
    },
  };
}

function bodyOf(slot: string, { from, to, steps, stored }: Range, r: number, columns: number): string {
  const isWhole = from === 0 && to === columns;
  const column = isWhole || from === 0 ? 'column' : `column - ${from}u`;
  let value = 'v';
  const lines = steps.map(({ step }, s) => {
    const call = `${slot}_r${r}s${s}(row, ${column}, ${value});`;
    if (step.kind === 'store') return `  ${call}`;
    value = `r${r}v${s}`;
    return `  let ${value} = ${call}`;
  });
  if (stored === undefined) lines.push(`  y_store_quad(row, column, ${value});`);
  else if (stored !== null)
    lines.push(`  ${slot}_${stored}_store((row * ${to - from}u + ${column}) / 4u, ${value});`);
  if (isWhole) return lines.join('\n');
  return `if (column < ${to}u) {\n${lines.join('\n')}\n  return;\n}`;
}
