import type { CheckCase, CheckInputs, KernelCheck } from '../../contract/check.ts';
import { storageBytes } from '../../contract/storage-type.ts';
import type { StorageType } from '../../contract/storage-type.ts';
import { rowView } from '../../contract/row-view.ts';
import { mapElements, mapFilling, type MapFillingInput, type MapReference } from './index.ts';
import { mapElementsReference } from './reference.ts';

/** Integers of either sign near 0, with the largest among them; of u32 as far from its ends. */
function integers(name: string, type: 'i32' | 'u32', count: number, random: () => number): CheckInputs {
  const numbers = Array.from({ length: count }, (_, i) =>
    i % 7 === 3
      ? type === 'u32'
        ? 2 ** 32 - 1 - i
        : i % 2
          ? 2 ** 31 - 1
          : -(2 ** 31)
      : Math.floor(9 * random()) - (type === 'u32' ? 0 : 4),
  );
  return {
    [name]: type === 'u32' ? Uint32Array.from(numbers) : Int32Array.from(numbers),
  };
}

function mapped(
  name: string,
  rows: number,
  input: MapFillingInput,
  more: Partial<CheckCase> = {},
): CheckCase {
  const y: StorageType = input.result;
  const compute = mapFilling(input);
  const { bindings = {} } = compute;
  return {
    name,
    axes: { rows, columns: input.columns },
    slots: { compute },
    inputs: (_, random) =>
      Object.assign(
        {},
        ...Object.entries(bindings).map(([operand, { dtype, shape }]) => {
          const sizes = shape.map((size) =>
            size === 'rows' ? rows : size === 'columns' ? input.columns : Number(size),
          );
          const count = sizes.reduce((product, size) => product * size, 1);
          return dtype === 'i32' || dtype === 'u32'
            ? integers(`compute.${operand}`, dtype, count, random)
            : {};
        }),
      ) as CheckInputs,
    ...more,
    dtypes: { y, ...more.dtypes },
  };
}

const f32 = { type: 'f32' } as const;
const i32 = { type: 'i32' } as const;
const u32 = { type: 'u32' } as const;
const where = {
  id: 'where',
  wgsl: 'return select(b, a, c != 0u);',
  meaning: (c: number, a: number, b: number) => (c === 0 ? b : a),
} as const;
/** One mask for the scores of every head. */
const causalMask = (heads: number, tokens: number): CheckCase =>
  mapped('causal mask', heads * tokens, {
    ...where,
    operands: {
      c: { type: 'u32', spread: { shape: [tokens, tokens], sizes: [tokens], strides: [0, tokens, 1] } },
      a: f32,
      b: { type: 'f32', known: [-1e38], spread: 'scalar' },
    },
    result: 'f32',
    columns: tokens,
  });
const product = {
  id: 'product',
  operands: { a: i32, b: i32 },
  result: 'i32',
  wgsl: 'return a * b;',
  meaning: Math.imul,
} as const;

export const check: KernelCheck = {
  kernel: mapElements,
  reference: mapElementsReference,
  cost: ({ axes, slots, dtypes }) => {
    const { bindings = {} } = slots.compute!;
    const { operands } = slots.compute!.reference as MapReference;
    const elements = axes.rows! * axes.columns!;
    const bytes = Object.entries(bindings).map(([name, { shape, dtype }]) => {
      const held = shape.reduce<number>(
        (all, axis) => all * (typeof axis === 'number' ? axis : axes[axis]!),
        1,
      );
      return Math.min(held, elements) * storageBytes(dtype === 'float' ? dtypes[`compute.${name}`] : dtype);
    });
    return {
      bytes: bytes.reduce((sum, each) => sum + each, elements * storageBytes(dtypes.y)),
      flops: Object.keys(operands).length * elements,
    };
  },
  dtypes: ['f32'],
  exact: ['y'],
  cases: [
    { name: 'copy', axes: { rows: 3, columns: 1 } },
    mapped('integers that wrap', 5, { ...product, columns: 7 }),
    mapped('integers that wrap, four at a time', 3, {
      ...product,
      columns: 12,
    }),
    mapped('one kind or another', 4, {
      ...where,
      operands: { c: u32, a: f32, b: { type: 'f32', spread: 'column' } },
      result: 'f32',
      columns: 8,
    }),
    mapped(
      'halves',
      4,
      {
        ...where,
        operands: {
          c: { type: 'u32', spread: 'row' },
          a: f32,
          b: { type: 'f32', known: [-7.5], spread: 'scalar' },
        },
        result: 'f32',
        columns: 6,
      },
      { dtypes: { y: 'f16', 'compute.a': 'f16' } },
    ),
    // Below the diagonal of each of two matrices [5, 8], read along their columns.
    mapped('places', 10, {
      id: 'lower',
      operands: {
        x: {
          type: 'i32',
          spread: { shape: [2, 8, 5], sizes: [5], strides: [40, 1, 5] },
        },
        i: {
          type: 'u32',
          places: true,
          spread: { shape: [5], sizes: [5], strides: [0, 1, 0] },
        },
        j: {
          type: 'u32',
          places: true,
          spread: { shape: [8], sizes: [5], strides: [0, 0, 1] },
        },
      },
      result: 'i32',
      wgsl: 'return select(0, x, j <= i);',
      meaning: (x, i, j) => (j! <= i! ? x! : 0),
      columns: 8,
    }),
    mapped(
      'numbers of a run',
      6,
      {
        id: 'range',
        operands: {
          i: { type: 'u32', places: true },
          start: { type: 'i32', spread: 'uniform' },
        },
        result: 'i32',
        wgsl: 'return start - 2 * i32(i);',
        meaning: (i, start) => start! - 2 * i!,
        columns: 4,
      },
      { uniforms: { compute_start: -5 } },
    ),
    mapped(
      'known elements, wide and single, of a shape of a run',
      6,
      {
        id: 'sum',
        operands: {
          a: { type: 'u32', known: [2, 3, 5, 2 ** 32 - 1], spread: 'column' },
          b: {
            type: 'u32',
            known: [7, 0, 1],
            spread: {
              shape: [3],
              sizes: [{ uniform: 'size', multipleOf: 1 }],
              strides: [0, 1, 0],
            },
          },
        },
        result: 'u32',
        wgsl: 'return a + b;',
        meaning: (a, b) => (a! + b!) % 2 ** 32,
        columns: 4,
      },
      { uniforms: { compute_b_size: 3 } },
    ),
    mapped('the least integer', 1, {
      id: 'same',
      operands: { a: { type: 'i32', known: [-(2 ** 31), 2 ** 31 - 1, -1] } },
      result: 'i32',
      wgsl: 'return a;',
      meaning: (a) => a!,
      columns: 3,
    }),
    // Rows of one table in the order that another says, from behind.
    mapped('elements that the function chooses', 5, {
      id: 'reversed',
      operands: {
        table: { type: 'i32', whole: [7] },
        other: { type: 'u32', whole: [3], known: [2, 0, 6] },
        i: { type: 'u32', places: true },
      },
      result: 'i32',
      wgsl: (load) => `return ${load('table')}((${load('other')}(i % 3u) + i) % 7u);`,
      reading: (load, i) => load('table', (load('other', i! % 3) + i!) % 7),
      columns: 8,
    }),
    mapped('many workgroups', 70_001, { ...product, columns: 1 }),
    mapped(
      'rows apart',
      5,
      { ...product, columns: 12 },
      {
        views: {
          y: rowView({ stride: 15, offset: 7 }),
          'compute.a': rowView({
            stride: 14,
            offset: { multipleOf: 2 },
            row: 12,
          }),
        },
        uniforms: { compute_a_offset: 4 },
      },
    ),
  ],
  workloads: [
    { ...causalMask(1, 128), name: 'causal mask', model: 'shakespeare-1m', size: 'small' },
    { ...causalMask(16, 1024), name: 'causal mask', model: 'GPT-2', size: 'large' },
  ],
  floor: () => 0,
};
