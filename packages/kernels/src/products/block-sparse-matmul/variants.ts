import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Kernel, Plan, PlanChoice, Problem, Program, Variant } from '../../contract/contract.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { sectionNamed } from '../../weights/sections.ts';
import words from '../../weights/words.wgsl';
import aQuads from '../a.quads.wgsl';
import aScalars from '../a.scalars.wgsl';
import { formatOfB } from '../contract.ts';
import { plainA } from '../fillings/load-a.ts';
import { productFrame, rowCount } from '../frame.ts';
import productWgsl from '../product.wgsl';
import { observesA, storesY } from '../program.ts';
import rowsWgsl from '../rows.wgsl';
import yQuads from '../y.quads.wgsl';
import yScalars from '../y.scalars.wgsl';
import blockSparseWgsl from './block-sparse-matmul.wgsl';
import { type BlockSparseFormat, type BlockValues, indexBytes, isCoded } from './format.ts';
import subgroupLanes from './lanes.subgroup.wgsl';
import workgroupLanes from './lanes.workgroup.wgsl';
import loadedNumber from './number.loaded.wgsl';
import plainNumber from './number.plain.wgsl';
import noScales from './scales.none.wgsl';
import rowScales from './scales.rows.wgsl';
import blockSums from './sums.blocks.wgsl';
import columnSums from './sums.columns.wgsl';
import numberSums from './sums.numbers.wgsl';
import rowSums from './sums.rows.wgsl';
import valuesF16 from './values.f16.wgsl';
import valuesF32 from './values.f32.wgsl';
import valuesInt4 from './values.int4.wgsl';
import valuesInt8 from './values.int8.wgsl';

interface Tile {
  /** Rows of `a` that a workgroup takes at once, a power of two. */
  readonly rows: number;
  /** Invocations of a workgroup, a power of two. */
  readonly lanes: number;
  /** Of these, the ones side by side along the quads of a row of blocks; the others divide its blocks. */
  readonly quads: number;
  /** Lanes that divide the reading of `a`, a power of two of at most `rows`; 1 where lanes work alone. */
  readonly share: number;
  /** Shares of the blocks of a row that different workgroups add up. */
  readonly splits: number;
}

const values: Readonly<Record<BlockValues, string>> = {
  f32: valuesF32,
  f16: valuesF16,
  int8: valuesInt8,
  int4: valuesInt4,
};

const sumsOf = ({ height, width }: BlockSparseFormat): string =>
  height === 1 ? (width === 1 ? numberSums : rowSums) : width === 1 ? columnSums : blockSums;

/** Preferred first: workgroups of one subgroup, whose lanes exchange what they read, and workgroups of any size. */
export const blockSparseVariants: readonly Variant[] = [
  {
    name: 'subgroup',
    requires: ['subgroups'],
    plans: (problem, capabilities) =>
      capabilities.subgroupMinSize < 4
        ? []
        : [tileOf(problem, capabilities, Math.min(32, capabilities.subgroupMinSize), true)],
    program: (problem, plan, kernel) => program(kernel, problem, plan, subgroupLanes),
  },
  {
    name: 'baseline',
    plans: (problem, capabilities) => [tileOf(problem, capabilities, capabilities.software ? 8 : 64, false)],
    program: (problem, plan, kernel) => program(kernel, problem, plan, workgroupLanes),
  },
];

function tileOf(problem: Problem, capabilities: Capabilities, lanes: number, exchanges: boolean): PlanChoice {
  const { height, width } = formatOfB(problem) as BlockSparseFormat;
  const { batch, m, n, k } = problem.axes as {
    batch: number;
    m: number;
    n: number;
    k: number;
  };
  // Compilers that keep arrays in memory (SwiftShader's) gain nothing by high tiles.
  const most = capabilities.software && capabilities.subgroupMaxSize <= 4 ? 4 : 16;
  const rows = Math.min(most, 2 ** Math.ceil(Math.log2(batch * m)));
  const heightQuads = Math.max(1, height / 4);
  const quads = Math.min(lanes, 8, heightQuads & -heightQuads);
  const workgroups = Math.ceil(n / (4 * quads)) * Math.ceil((batch * m) / rows);
  const steps = Math.ceil(k / width) / (lanes / quads);
  let splits = 1;
  // A large GPU wants some 256 workgroups; a lane keeps at least eight blocks of a full row.
  while (workgroups * splits < 256 && steps / (2 * splits) >= 8) splits *= 2;
  return {
    rows,
    lanes,
    quads,
    share: exchanges ? Math.min(quads, rows) : 1,
    splits,
  } satisfies Tile;
}

function program(kernel: Kernel, problem: Problem, plan: Plan, lanesWgsl: string): Program {
  const { n, k } = problem.axes as { n: number; k: number };
  const { rows, lanes, quads, share, splits } = plan as Plan & Tile;
  const format = formatOfB(problem) as BlockSparseFormat;
  const { height, width, dtype } = format;
  const lanesB = lanes / quads;
  const blockColumns = Math.ceil(k / width);
  const tilesN = Math.ceil(n / (4 * quads));
  const { sections } = format.sections([n, k]);
  const word = (name: string): number => sectionNamed(sections, name).offset / 4;
  const isPlain = (problem.slots.load_a ?? plainA).id === plainA.id;
  const readsQuads = k % 4 === 0 && !(width === 1 && isPlain);
  const frame = productFrame({
    problem,
    columns: n,
    parts: 1,
    observes: observesA(problem),
    quadsPerBlock: Math.max(1, width / 4),
    workgroups: times(ceilDiv(rowCount, rows), tilesN),
    splits,
  });
  return assemble({
    kernel,
    problem,
    plan,
    requires: lanesWgsl === subgroupLanes ? ['subgroups'] : [],
    constants: {
      ...frame.constants,
      BLOCK_QUADS: Math.max(1, width / 4),
      BLOCK_HEIGHT: height,
      WIDTH_QUADS: Math.max(1, width / 4),
      BLOCK_ROWS: Math.ceil(n / height),
      BLOCK_STEPS: Math.ceil(blockColumns / lanesB),
      B_COLUMNS: word('columns'),
      ...(isCoded(dtype) && { B_SCALES: word('scales') }),
      SHORT_INDEX: indexBytes(k, width) === 2,
      TILE_M: rows,
      TILES_N: tilesN,
      WORKGROUP: lanes,
      LANES_N: quads,
      LANES_B: lanesB,
      LEVELS: Math.log2(lanesB),
      SHARE: share,
      OBSERVE_STEPS: Math.ceil(Math.ceil(k / 4) / lanesB),
    },
    views: {
      a: { width: readsQuads ? 4 : 1 },
      b: { dtype: 'u32', width: 4 },
      y: { width: n % 4 === 0 ? 4 : 1 },
    },
    scratch: frame.scratch,
    wgsl: [
      rowsWgsl,
      readsQuads ? aQuads : aScalars,
      ...(width === 1 ? [isPlain ? plainNumber : loadedNumber] : []),
      ...(storesY(problem) ? [n % 4 === 0 ? yQuads : yScalars] : []),
      words,
      values[dtype],
      isCoded(dtype) ? rowScales : noScales,
      productWgsl,
      frame.wgsl,
      lanesWgsl,
      sumsOf(format),
      blockSparseWgsl,
    ],
    dispatches: frame.dispatches,
  });
}
