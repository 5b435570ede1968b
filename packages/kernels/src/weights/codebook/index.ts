export {
  codebook,
  codebookFamily,
  isCodebook,
  type CodebookFormat,
  type CodebookParameters,
} from './format.ts';
export { roundCodebook } from './k-means.ts';
export { codebookCodec, dequantizeCodebook, packCodebook, type CodebookParts } from './pack.ts';
