// Functions of the main entry as they are for those who have checked what they hand over: a page then ships no check twice.
export { bytesPerElement, decodeTensor, elementCount, encodeTensor, tensorOver } from './tensor.ts';
