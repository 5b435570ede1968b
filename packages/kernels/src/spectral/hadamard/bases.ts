// Hadamard matrices whose size is no power of two: of squares and non-squares modulo a prime (Paley 1933).

/** The sizes that a transform may begin with; a transform of any of them times a power of two is one of that and one of this. */
export const hadamardBases: readonly number[] = [1, 12, 20];

/** The part of a size that is no power of two, with the power of two that belongs to it: undefined where there is no transform. */
export function hadamardBase(size: number): number | undefined {
  return hadamardBases.find((base) => size % base === 0 && Number.isInteger(Math.log2(size / base)));
}

/**
 * The matrix of a base, row by row, 1 and −1: row 0 is all 1, column 0 −1 from row 1 on, and the rest 1 on the diagonal and
 * where `column − row` is a square modulo `base − 1`.
 */
export function hadamardSigns(base: number): readonly (readonly number[])[] {
  const prime = base - 1;
  const squares = new Set(Array.from({ length: prime }, (_, i) => (i * i) % prime));
  return Array.from({ length: base }, (_, row) =>
    Array.from({ length: base }, (_, column) => {
      if (row === 0) return 1;
      return column !== 0 && squares.has((column - row + prime) % prime) ? 1 : -1;
    }),
  );
}
