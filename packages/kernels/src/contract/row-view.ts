// Rows that lie apart, or somewhere inside of the tensor that is bound: what a Problem says of them, and their accessors.
import { declaredShape, rowLength } from './bindings.ts';
import { demand } from './check-options.ts';
import type { Distance, Problem, RowView, TensorContract, ViewedKernel } from './contract.ts';
import type { Sizes } from './extent.ts';
import { type DeclaredTensor, vector } from './tensor-access.ts';

type Rows = Omit<RowView, 'check' | 'declare'>;

/**
 * Rows `stride` elements apart, the first after `offset` elements; with `inner`, the index of a row is cut into digits, each
 * with a stride. What a run says is the uniform `<tensor>_stride` or `<tensor>_offset`, and of the inner digits
 * `<tensor>_stride_<i>` and `<tensor>_size_<i>`, where `<slot>.<binding>` is written `<slot>_<binding>`. A stride may be
 * negative: where a run says it, it is then signed.
 */
export const rowView = (rows: Rows): RowView =>
  Object.freeze<RowView>({
    ...rows,
    check: checkView,
    declare(tensor, name, kernel, problem) {
      const row = rows.row ?? rowLength(kernel, problem, name);
      return {
        root: { ...tensor, name: `${tensor.name}_root`, width: rootWidth(rows, tensor.width, row) },
        wgsl: viewAccessors(tensor, name, rows, row),
        uniforms: distancesOf(name, rows).flatMap(([uniform, distance]) =>
          typeof distance === 'number' ? [] : [{ name: uniform, type: distance.isSigned ? 'i32' : 'u32' }],
        ),
      };
    },
  });

/** Refuses a view of a tensor that the kernel reads as it lies, and rows that cannot lie so. */
function checkView(kernel: ViewedKernel, problem: Problem, name: string): void {
  const { slots } = problem;
  const viewable = [
    ...Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs }),
    ...Object.entries(slots).flatMap(([slot, { bindings = {} }]) =>
      Object.entries(bindings).map(([tensor, binding]) => [`${slot}.${tensor}`, binding] as const),
    ),
  ]
    .filter(([, { order }]) => order === 'rows' || (typeof order === 'object' && order.rows))
    .map(([tensor]) => tensor);
  const [what, view] = [`views.${name}`, problem.views[name]!];
  const requirement = `rows may lie apart in ${viewable.join(', ') || 'no tensor'}`;
  const fix = `leave it out, and copy the rows together`;
  demand(kernel.name, what, JSON.stringify(view), viewable.includes(name), requirement, fix);
  const tensor: TensorContract | undefined = kernel.inputs[name] ?? kernel.outputs[name];
  const long = (tensor ? declaredShape(tensor, problem.options).slice(-(tensor.rowAxes ?? 1)) : []).filter(
    (axis) => kernel.definition.axes[axis] === 'dynamic',
  );
  demand(
    kernel.name,
    `${what}.row`,
    view.row,
    view.row !== undefined || long.length === 0,
    `a run says how long a row is, ${long.join(' × ')}`,
    'give a row that divides it, and the number of such rows as a digit of inner',
  );
  const written = name in kernel.outputs ? rowLength(kernel, problem, name) : -Infinity;
  const check = (part: string, distance: Distance, least: number): void => {
    const [value, from] = typeof distance === 'number' ? [distance, least] : [distance.multipleOf, 1];
    const valid = Number.isSafeInteger(value) && value >= from;
    const wanted = from > -Infinity ? `an integer from ${from} on` : 'an integer';
    const nearest = from > -Infinity ? `give ${from} or more` : 'give one';
    demand(kernel.name, `${what}.${part}`, value, valid, `it must be ${wanted}`, nearest);
  };
  check('stride', view.stride, written);
  check('offset', view.offset, 0);
  for (const [i, { size, stride }] of (view.inner ?? []).entries()) {
    check(`inner[${i}].size`, size, 1);
    check(`inner[${i}].stride`, stride, written);
  }
}

/** Every number of a view by the name that its uniform has where a run says it. */
export function distancesOf(
  tensor: string,
  { stride, offset, inner = [] }: Rows,
): readonly (readonly [uniform: string, distance: Distance])[] {
  const name = tensor.replace('.', '_');
  return [
    [`${name}_stride`, stride],
    [`${name}_offset`, offset],
    ...inner.flatMap(({ size, stride: step }, i): [string, Distance][] => [
      [`${name}_size_${i}`, size],
      [`${name}_stride_${i}`, step],
    ]),
  ];
}

/** The place of element `i` of the rows, one after the other, `row` elements to each; `values` has what a run says. */
export function viewPlaces(tensor: string, view: Rows, row: number, values: Sizes): (i: number) => number {
  const [stride, offset, ...inner] = distancesOf(tensor, view).map(([uniform, distance]) =>
    typeof distance === 'number' ? distance : values[uniform]!,
  ) as [number, number, ...number[]];
  return (i) => {
    let rest = Math.floor(i / row);
    let place = offset + (i % row);
    for (let digit = inner.length - 2; digit >= 0; digit -= 2) {
      const [size, step] = inner.slice(digit) as [number, number];
      place += (rest % size) * step;
      rest = Math.floor(rest / size);
    }
    return place + rest * stride;
  };
}

const factor = (distance: Distance): number =>
  typeof distance === 'number' ? distance : distance.multipleOf;

/** The largest number of elements, up to `width`, that an access may take at once. */
export const viewWidth = ({ stride, offset, inner = [] }: Rows, width: 1 | 2 | 4): 1 | 2 | 4 =>
  ([4, 2] as const).find(
    (size) =>
      size <= width &&
      [stride, offset, ...inner.map((digit) => digit.stride)].every((each) => factor(each) % size === 0),
  ) ?? 1;

/** Where vectors reach from row to row, every element has an address of its own. */
const rootWidth = (view: Rows, width: 1 | 2 | 4, row: number): 1 | 2 | 4 =>
  row % width === 0 ? viewWidth(view, width) : 1;

/**
 * The accessors of a tensor whose rows lie as `view` says, over those of the tensor that is bound, `<name>_root`: they count units
 * as if row lay behind row, `row` elements to each.
 */
export function viewAccessors(
  { name, dtype, width, access }: DeclaredTensor,
  tensor: string,
  view: Rows,
  row: number,
): string {
  const root = rootWidth(view, width, row);
  const whole = row % width === 0;
  const parts = Array.from({ length: width / root }, (_, k) => k);
  const value = vector(dtype === 'f16' ? 'f32' : dtype, width);
  const place = whole
    ? placeOf(tensor, view, root, row / width, parts.length)
    : placeOf(tensor, view, 1, row, 1);
  const at = (k: number): string => (whole ? `at + ${k}u` : `${name}_place(i * ${width}u + ${k}u)`);
  const loads = parts.map((k) => `${name}_root_load(${at(k)})`).join(', ');
  const part = (k: number): string => (root === width ? '' : `.${'xyzw'.slice(k * root, (k + 1) * root)}`);
  const stores = parts.map((k) => `${name}_root_store(${at(k)}, v${part(k)});`).join(' ');
  const [before, apart] = whole
    ? [`${place} `, '']
    : ['', `fn ${name}_place(i: u32) -> u32 { ${place} return at; }\n`];
  return `${apart}fn ${name}_load(i: u32) -> ${value} { ${before}return ${value}(${loads}); }
${access === 'read' ? '' : `fn ${name}_store(i: u32, v: ${value}) { ${before}${stores} }`}`;
}

/** `let at = …`: where unit `i` begins, `units` to a row, each `steps` accesses of `root` elements. */
function placeOf(tensor: string, view: Rows, root: number, units: number, steps: number): string {
  const [stride, offset, ...inner] = distancesOf(tensor, view).map(([uniform, distance]) => {
    const size = uniform.includes('_size_');
    if (typeof distance === 'number') return `${(size ? distance : distance / root) >>> 0}u`;
    if (distance.isSigned) return `bitcast<u32>(params.${uniform} / ${root}i)`;
    return `params.${uniform}${size ? '' : ` / ${root}u`}`;
  });
  let row = `i / ${units}u`;
  const lets: string[] = [];
  const terms: string[] = [];
  for (let digit = inner.length - 2; digit >= 0; digit -= 2) {
    const [size, step] = inner.slice(digit);
    terms.unshift(`${row} % ${size} * (${step})`);
    lets.push(`let row_${digit} = ${row} / ${size}; `);
    row = `row_${digit}`;
  }
  terms.unshift(`${row} * (${stride})`);
  return `${lets.join('')}let at = ${offset} + ${terms.join(' + ')} + i % ${units}u * ${steps}u;`;
}
