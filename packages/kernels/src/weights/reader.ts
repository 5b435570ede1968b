import type { TensorView } from '../contract/assemble.ts';
import { integerOf, layoutSections, positionBits, type LayoutSections } from './sections.ts';
import { layoutName, type IntegerLayout, type Layout, type NMLayout } from '../contract/layout.ts';
import denseQuads from './dense.quads.wgsl';
import denseScalars from './dense.scalars.wgsl';
import dot from './dot.wgsl';
import int3 from './int3.wgsl';
import int4 from './int4.wgsl';
import int8 from './int8.wgsl';
import sparse from './n-m.wgsl';
import sparseF16 from './n-m.f16.wgsl';
import sparseF32 from './n-m.f32.wgsl';
import sparseInt4 from './n-m.int4.wgsl';
import sparseInt8 from './n-m.int8.wgsl';
import scalesNone from './scales.none.wgsl';
import scalesSymmetric from './scales.symmetric.wgsl';
import scalesZeroPoints from './scales.zero-points.wgsl';
import twoOfFour from './two-of-four.wgsl';
import twoOfFourF16 from './two-of-four.f16.wgsl';
import twoOfFourF32 from './two-of-four.f32.wgsl';
import twoOfFourInt4 from './two-of-four.int4.wgsl';
import words from './words.wgsl';

/**
 * How a kernel reads a weight `b` of `[rows, columns]` in blocks of BLOCK_QUADS quads of columns (of 8 quads, but dense
 * weights as the kernel likes), whatever its layout. The WGSL defines
 *
 *     struct LoadB                                        // a row's block: its words and scale, read once
 *     fn load_b(row: u32, block: u32) -> LoadB
 *     fn load_b_quad(block: LoadB, q: u32) -> vec4<f32>   // columns 4q to 4q + 3 of the block
 *     fn load_b_dot(block: LoadB, q: u32, v: vec4<f32>) -> f32   // their product with v, where few rows need it
 *
 * and wants the constants K and K_QUADS besides the reader's own. Columns beyond the row read as zero.
 */
export interface WeightReader {
  readonly wgsl: readonly string[];
  readonly constants: Readonly<Record<string, number>>;
  /** How `b` is bound. */
  readonly view: TensorView;
}

/** Why no kernel reads weights of this layout, or undefined where they do. */
export function unreadable(layout: Layout): string | undefined {
  if (layout.kind !== 'dense' || layout.dtype === 'f32' || layout.dtype === 'f16') return undefined;
  return `weights of layout ${layoutName(layout)}`;
}

/** The reader of a readable layout; `denseQuadsPerBlock` is how a dense row is cut. */
export function weightReader(
  layout: Layout,
  rows: number,
  columns: number,
  denseQuadsPerBlock: number,
): WeightReader {
  if (layout.kind === 'dense') {
    const quads = columns % 4 === 0;
    const dtype = layout.dtype === 'f16' ? 'f16' : 'f32';
    return {
      wgsl: [quads ? denseQuads : denseScalars, dot],
      constants: { BLOCK_QUADS: denseQuadsPerBlock },
      view: { dtype, width: quads ? 4 : 1 },
    };
  }
  const sections = layoutSections(layout, [rows, columns]);
  const integer = integerOf(layout);
  return {
    wgsl: [
      words,
      ...scalesOf(integer),
      ...(layout.kind === 'integer' ? [codes[layout.bits], dot] : sparseOf(layout)),
    ],
    constants: {
      BLOCK_QUADS: 8,
      B_BLOCKS: sections.paddedColumns / 32,
      ...(integer && scaleConstants(integer, sections)),
      ...(layout.kind === 'n:m' && sparseConstants(layout, sections)),
    },
    view: { dtype: 'u32', width: 4 },
  };
}

const codes = { 3: int3, 4: int4, 8: int8 };

const scalesOf = (integer: IntegerLayout | null): string[] =>
  integer === null ? [scalesNone] : [integer.zeroPoint ? scalesZeroPoints : scalesSymmetric];

function sparseOf({ n, m, values }: NMLayout): string[] {
  const kind = values.kind === 'dense' ? values.dtype : values.bits === 8 ? 'int8' : 'int4';
  if (n === 2 && m === 4 && kind !== 'int8') return [twoOfFour, twoOfFourValues[kind]];
  return [sparse, sparseValues[kind], dot];
}

const sparseValues = { f32: sparseF32, f16: sparseF16, int8: sparseInt8, int4: sparseInt4 };
const twoOfFourValues = { f32: twoOfFourF32, f16: twoOfFourF16, int4: twoOfFourInt4 };

const scaleConstants = (integer: IntegerLayout, sections: LayoutSections): Record<string, number> => ({
  B_GROUPS: sections.groups,
  B_GROUP_BLOCKS: integer.group / 32,
  B_SCALES: sections.scales!.offset / 4,
  ...(sections.zeroPoints
    ? { B_ZERO_POINTS: sections.zeroPoints.offset / 4 }
    : { B_ZERO: 2 ** (integer.bits - 1) }),
});

function sparseConstants({ n, m }: NMLayout, sections: LayoutSections): Record<string, number> {
  const span = Math.max(m, 4);
  return {
    B_N: n,
    B_M: m,
    B_KEPT: sections.keptColumns,
    B_BLOCK_KEPT: (32 * n) / m,
    B_SPAN: span,
    B_SPAN_KEPT: (span * n) / m,
    B_POSITIONS: sections.positions!.offset / 4,
    B_POSITION_WORDS: sections.positions!.rowBytes / 4,
    B_POSITION_BITS: positionBits(m),
  };
}
