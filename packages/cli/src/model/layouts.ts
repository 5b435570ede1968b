// Names of layouts, apart from the layouts themselves: help needs no more.

/** Our own: what `tilewright` alone opens. */
export const ownLayout = 'tilewright';

/** Those of other tools, in the order in which they are tried, and ours. */
export const layoutNames: readonly string[] = [
  'compressed-tensors',
  'gptq',
  'bitsandbytes',
  'hqq',
  ownLayout,
];
