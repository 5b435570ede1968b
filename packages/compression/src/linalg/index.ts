export { choleskyUpper, inverseFactor, invertUpper } from './cholesky.ts';
export { type ProductRoom, productRoom, subtractProduct, type StridedMatrix } from './subtract-product.ts';
export { type UpperTriangle, upperTriangle } from './triangle.ts';
export { randomRotation, type Rotation } from './orthogonal.ts';
