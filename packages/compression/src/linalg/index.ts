export { choleskyUpper, inverseFactor, invertUpper } from './cholesky.ts';
export { type ProductRoom, productRoom, subtractProduct, type StridedMatrix } from './subtract-product.ts';
