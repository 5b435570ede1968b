export { dtypeBytes, isDenseDType } from './dtype.ts';
export {
  dense,
  layoutName,
  type DenseDType,
  type DenseLayout,
  type HostTensor,
  type IntegerLayout,
  type Layout,
  type NMLayout,
  type StateDict,
} from '../contract/layout.ts';
export { packDense, packInteger, type IntegerParts } from './pack.ts';
export { packNM } from './pack-n-m.ts';
export { checkedLayout, parseLayout } from './parse-layout.ts';
export { concatRows, permuteRows } from './rows.ts';
export {
  bitsPerWeight,
  layoutBytes,
  layoutSections,
  positionBits,
  type LayoutSections,
  type Section,
} from './sections.ts';
export { keptMask, unpack, unpackInteger } from './unpack.ts';
