export { choleskyUpper, inverseFactor, invertUpper } from './cholesky.ts';
export { subtractProduct, type StridedMatrix } from './subtract-product.ts';
