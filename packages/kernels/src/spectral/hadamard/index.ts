import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { linesOf, passWgsl, pitchOf, type TilePass } from '../tile-pass.ts';
import { hadamardBase, hadamardBases, hadamardSigns } from './bases.ts';
import hadamardWgsl from './hadamard.wgsl';

export { hadamardBase } from './bases.ts';

/** Elements in the memory of a workgroup, on every device. */
const points = 4096;
/** More lines than these side by side give wider reads no more. */
const linesAtMost = 32;

type HadamardPlan = Plan & { readonly workgroup: number };

/** Sums and differences of powers of two, then the base. */
function transformOf(size: number, base: number, shape: Pick<TilePass, 'size' | 'lines'>): string[] {
  const place = `${size}u, ${shape.lines}u, ${pitchOf(shape)}u`;
  const stages: string[] = [];
  let step = 1;
  for (const [name, radix] of [
    ['eights', 8],
    ['fours', 4],
    ['twos', 2],
  ] as const)
    while ((size / base / step) % radix === 0) {
      stages.push(`${name}(lane, ${place}, ${step}u);`);
      step *= radix;
    }
  return base > 1 ? [...stages, `based(lane, ${place});`] : stages;
}

/** The lengths of the transforms that make one: a line that does not fit is a matrix, of which the columns come first. */
function cut(size: number, base: number): readonly [first: number, second?: number] {
  if (size <= points) return [size];
  const rows = Math.max(Math.floor(Math.log2(size / base) / 2), Math.ceil(Math.log2(size / points)));
  return [size / 2 ** rows, 2 ** rows];
}

function program(problem: Problem, plan: Plan): Program {
  const { size, inner } = problem.axes as { size: number; inner: number };
  const base = hadamardBase(size)!;
  const [first, second] = cut(size, base);
  const passOf = (
    length: number,
    its: Pick<TilePass, 'entryPoint' | 'units' | 'load' | 'store'> & {
      readonly across: boolean;
    },
  ): TilePass => {
    const { across, ...texts } = its;
    const shape = { size: length, lines: linesOf(length, points, linesAtMost) };
    return {
      ...texts,
      ...shape,
      isAcross: { load: across, store: across },
      transform: transformOf(length, length === first ? base : 1, shape),
    };
  };
  const place = (within: string, length: number): string =>
    `(unit / (${within}) * ${length}u + n) * (${within}) + unit % (${within})`;
  const inside = second === undefined ? 'params.inner' : `${second}u * params.inner`;
  const passes = [
    passOf(first, {
      entryPoint: 'columns',
      units: `params.outer * ${inside}`,
      across: inner > 1 || second !== undefined,
      load: `x_load(${place(inside, first)})`,
      store: `${second === undefined ? 'y' : 'between'}_store(${place(
        inside,
        first,
      )}, ${second === undefined ? 'SCALE * value' : 'value'});`,
    }),
    ...(second === undefined
      ? []
      : [
          passOf(second, {
            entryPoint: 'rows',
            units: `params.outer * ${first}u * params.inner`,
            across: inner > 1,
            load: `between_load(${place('params.inner', second)})`,
            store: `y_store(${place('params.inner', second)}, SCALE * value);`,
          }),
        ]),
  ];
  const matrix = hadamardSigns(base);
  const bits = matrix.map((row, i) => {
    const signs = problem.options.inverse ? matrix.map((other) => other[i]!) : row;
    return `${signs.reduce((word, sign, place) => (sign < 0 ? word | (1 << place) : word), 0)}u`;
  });
  const lines = times('outer', 'inner');
  return assemble({
    kernel: hadamard,
    problem,
    plan,
    constants: {
      SCALE: { f32: problem.scalars.scale! },
      POINTS: points,
      BASE: base,
      WORKGROUP: (plan as HadamardPlan).workgroup,
      MANY: 0x3fff_ffff,
    },
    scratch: second === undefined ? {} : { between: { sizeBytes: times(lines, 4 * size) } },
    wgsl: [
      hadamardWgsl,
      `fn signs_of(row: u32) -> u32 {
  let signs = array<u32, BASE>(${bits.join(', ')});
  return signs[row];
}`,
      ...passes.map(passWgsl),
    ],
    dispatches: passes.map((pass, i) => ({
      entryPoint: pass.entryPoint,
      workgroups: ceilDiv(times(lines, size / pass.size), pass.lines),
      bindings: second === undefined ? ['x', 'y'] : i === 0 ? ['x', 'between'] : ['between', 'y'],
    })),
  });
}

/**
 * The Walsh-Hadamard transform of lines: `y = scale · H x`, with `H` symmetric and of 1 and −1 for a power of two; for 12 or 20 times one, H of
 * 12 or 20 (Paley 1933) between such blocks, as in QuaRot (Ashkboos et al. 2024, arXiv 2404.00456). `H Hᵀ = size`.
 *
 * `x` and `y` are `[outer, size, inner]`, each f32 or f16; sums in f32. With the option `inverse`, Hᵀ in place of H. Blocks side by
 * side along an axis are part of `outer`.
 */
export const hadamard: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'hadamard',
  axes: { outer: 'dynamic', size: 'static', inner: 'dynamic' },
  inputs: { x: ['outer', 'size', 'inner'] },
  outputs: { y: ['outer', 'size', 'inner'] },
  scalars: { scale: 1 },
  options: { inverse: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { size } }) => {
    const base = hadamardBase(size!);
    if (base !== undefined && (cut(size!, base)[1] ?? 0) <= points) return;
    throw new TilewrightError('bad-shape', {
      subject: 'hadamard',
      problem: `a line has ${size} elements`,
      requirement: `they must be ${hadamardBases.join(', ')} times a power of two that two passes transform`,
      fix: 'transform blocks of such a size, or add zeros',
    });
  },
  variants: [
    {
      name: 'baseline',
      // A CPU runs a workgroup on one thread.
      plans: ({ axes: { size } }, { software }) =>
        (software ? [32, 64] : size! > 512 ? [256, 128] : [128, 64]).map((workgroup) => ({ workgroup })),
      program,
    },
  ],
});
