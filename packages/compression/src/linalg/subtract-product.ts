/** A view of a row-major f64 matrix: element (i, j) is `data[offset + i · rowStride + j · columnStride]`. */
export interface StridedMatrix {
  readonly data: Float64Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

// Plain JavaScript has no vectors, so what counts is loads per multiplication: a tile of 4 × 2 sums stays in registers
// while six numbers are read for eight products, from copies in reading order that fit the second-level cache.
const tileRows = 4;
const tileColumns = 2;
const innerTile = 128;
const columnTile = 128;

/** Room for the copies that a product makes: one for many products, since what they leave behind is collected late. */
export interface ProductRoom {
  a: Float64Array;
  b: Float64Array;
}

export const productRoom = (): ProductRoom => ({ a: new Float64Array(0), b: new Float64Array(0) });

/**
 * `c ← c - a · b` for `a [rows, inner]`, `b [inner, columns]`, `c [rows, columns]` of any strides; `c` must not overlap
 * `a` or `b`. Each sum runs over `inner` in ascending order from `c`'s value on, whatever the sizes.
 */
export function subtractProduct(
  c: StridedMatrix,
  a: StridedMatrix,
  b: StridedMatrix,
  rows: number,
  inner: number,
  columns: number,
  room: ProductRoom = productRoom(),
): void {
  if (rows === 0 || inner === 0 || columns === 0) return;
  const depth = Math.min(inner, innerTile);
  const sizeA = Math.ceil(rows / tileRows) * tileRows * depth;
  const sizeB = (Math.min(columns, columnTile) + 1) * depth;
  if (room.a.length < sizeA) room.a = new Float64Array(sizeA);
  if (room.b.length < sizeB) room.b = new Float64Array(sizeB);
  const { a: packedA, b: packedB } = room;
  for (let k = 0; k < inner; k += innerTile) {
    const kCount = Math.min(inner - k, innerTile);
    pack(a, 0, k, rows, kCount, tileRows, a.rowStride, a.columnStride, packedA);
    for (let j = 0; j < columns; j += columnTile) {
      const jCount = Math.min(columns - j, columnTile);
      pack(b, j, k, jCount, kCount, tileColumns, b.columnStride, b.rowStride, packedB);
      for (let i = 0; i < rows; i += tileRows) {
        for (let p = 0; p < jCount; p += tileColumns) {
          const at = c.offset + i * c.rowStride + (j + p) * c.columnStride;
          tile(c, at, rows - i, jCount - p, packedA, i * kCount, packedB, p * kCount, kCount);
        }
      }
    }
  }
}

/** Copies `lines` lines of `count` numbers so that `width` neighbouring lines lie interleaved; missing lines are zeros. */
function pack(
  source: StridedMatrix,
  line0: number,
  k0: number,
  lines: number,
  count: number,
  width: number,
  lineStride: number,
  step: number,
  target: Float64Array,
): void {
  const { data } = source;
  for (let line = 0; line < lines; line += width) {
    for (let w = 0; w < width; w++) {
      let to = line * count + w;
      let from = source.offset + (line0 + line + w) * lineStride + k0 * step;
      const present = line + w < lines;
      for (let k = 0; k < count; k++) {
        target[to] = present ? data[from]! : 0;
        to += width;
        from += step;
      }
    }
  }
}

function tile(
  c: StridedMatrix,
  at: number,
  rows: number,
  columns: number,
  a: Float64Array,
  a0: number,
  b: Float64Array,
  b0: number,
  count: number,
): void {
  const { data, rowStride, columnStride } = c;
  const [row1, row2, row3] = [at + rowStride, at + 2 * rowStride, at + 3 * rowStride];
  const two = columns > 1;
  let c00 = data[at]!;
  let c01 = two ? data[at + columnStride]! : 0;
  let c10 = rows > 1 ? data[row1]! : 0;
  let c11 = rows > 1 && two ? data[row1 + columnStride]! : 0;
  let c20 = rows > 2 ? data[row2]! : 0;
  let c21 = rows > 2 && two ? data[row2 + columnStride]! : 0;
  let c30 = rows > 3 ? data[row3]! : 0;
  let c31 = rows > 3 && two ? data[row3 + columnStride]! : 0;
  for (let k = 0; k < count; k++) {
    const x = b[b0]!;
    const y = b[b0 + 1]!;
    const a0k = a[a0]!;
    const a1k = a[a0 + 1]!;
    const a2k = a[a0 + 2]!;
    const a3k = a[a0 + 3]!;
    c00 -= a0k * x;
    c01 -= a0k * y;
    c10 -= a1k * x;
    c11 -= a1k * y;
    c20 -= a2k * x;
    c21 -= a2k * y;
    c30 -= a3k * x;
    c31 -= a3k * y;
    a0 += tileRows;
    b0 += tileColumns;
  }
  data[at] = c00;
  if (two) data[at + columnStride] = c01;
  if (rows > 1) data[row1] = c10;
  if (rows > 1 && two) data[row1 + columnStride] = c11;
  if (rows > 2) data[row2] = c20;
  if (rows > 2 && two) data[row2 + columnStride] = c21;
  if (rows > 3) data[row3] = c30;
  if (rows > 3 && two) data[row3 + columnStride] = c31;
}
