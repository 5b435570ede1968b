// Files that are often found in place of others: each is named for what it is, with what to do about it.
import { badFile } from '../bad-file.ts';

interface Foreign {
  readonly begins: RegExp;
  readonly problem: string;
  readonly fix: string;
}

const foreigners: readonly Foreign[] = [
  {
    begins: /^version https:\/\/git-lfs\.github\.com\//,
    problem: 'it is a Git LFS pointer, not the file that it points to',
    fix: 'run git lfs pull where the model was cloned, or download the file itself',
  },
  {
    begins: /^\s*(?:<!doctype html|<html|<head|<\?xml|<!--)/i,
    problem: 'it is a web page, not the file',
    fix: 'download the file by its raw address (.../resolve/main/...), signed in where the model asks for it',
  },
  {
    begins: /^(?:Entry not found|Repository not found|Invalid (?:username|credentials)|Access to model )/i,
    problem: 'it is the answer of a server that refused the file',
    fix: 'check the address, and sign in where the model asks for it',
  },
  {
    begins: /^GGUF/,
    problem: 'it is a GGUF file',
    fix: 'take the model in the Hugging Face layout, with safetensors',
  },
  {
    // An archive, or what came before archives.
    // oxlint-disable-next-line no-control-regex
    begins: /^(?:PK[^ -~][^ -~]|\x80[\x02-\x05])/,
    problem: 'it is a file of PyTorch: a ZIP archive, or a pickle',
    fix: 'convert the weights with the safetensors tools of Hugging Face, or take a model that has them',
  },
];

/** How many bytes from the start of a file tell what it is. */
export const foreignBytes = 256;

/** Throws `bad-file` where a file begins as another kind of file does. `wanted` is what it should be. */
export function refuseForeign(start: Uint8Array | string, subject: string, wanted: string): void {
  const text =
    typeof start === 'string'
      ? start.slice(0, foreignBytes)
      : String.fromCharCode(...start.subarray(0, foreignBytes));
  const foreign = foreigners.find(({ begins }) => begins.test(text));
  if (foreign) throw badFile(subject, foreign.problem, wanted, foreign.fix);
}
