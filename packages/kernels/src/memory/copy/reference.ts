import type { Oracle } from '../../contract/check.ts';

export const copyReference: Oracle = ({ inputs }) => ({ y: inputs.x! });
