export {
  codebook,
  codebookFamily,
  isCodebook,
  type CodebookFormat,
  type CodebookParameters,
} from './format.ts';
export { codebookCodec, dequantizeCodebook, packCodebook, type CodebookParts } from './pack.ts';
export { codebookQuantizer, roundCodebook } from './quantizer.ts';
