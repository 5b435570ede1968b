import { isTilewrightError } from '@tilewright/kernels';

/** What went wrong, for whoever looks at the page; `detail` is the library's own message. */
export interface Problem {
  readonly sentence: string;
  readonly detail: string;
}

/** Puts an error into words that say what to do about it. `address` is where the model was looked for. */
export function problemOf(error: unknown, address: string): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  return { sentence: sentenceOf(error, detail, address), detail };
}

function sentenceOf(error: unknown, detail: string, address: string): string {
  if (!isTilewrightError(error))
    return 'Something went wrong that this page did not expect. Reload it to try again.';
  switch (error.code) {
    case 'no-adapter':
      return navigator.gpu
        ? 'This browser found no graphics adapter to run on. Check that hardware acceleration is switched on.'
        : 'This browser has no WebGPU here, which the model runs on. Use a current Chrome, Edge, Firefox or Safari, over https.';
    case 'device-lost':
      return 'The graphics device was lost. Press Write to open it again.';
    case 'out-of-memory':
      return 'The graphics device has too little memory left. Close other pages, or choose a smaller variant.';
    case 'missing-feature':
    case 'limit-exceeded':
    case 'no-variant':
      return 'This graphics device lacks something that this variant needs. Choose another variant.';
    case 'bad-file':
      return /no such file/.test(detail)
        ? `There is no model at ${address}: ${error.subject} is missing.`
        : `The model at ${address} could not be read.`;
    case 'bad-model':
      return `The model at ${address} is not one that this page can run.`;
    case 'bad-argument':
      return 'The model cannot write with these settings.';
    default:
      return 'Something in the library went wrong. Reload the page to try again.';
  }
}
