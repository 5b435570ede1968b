/** What compression can make of a model, by the names it has in every report. */
export const variantNames = [
  'dense-f32',
  'dense-f16',
  'int8-rtn',
  'int4-rtn',
  'int4-gptq',
  'int3-rtn',
  'int3-gptq',
  '2:4-magnitude',
  '2:4-wanda',
  '2:4-sparsegpt',
  '2:4-sparsegpt+int4-gptq',
] as const;

export type VariantName = (typeof variantNames)[number];

/** What the menu says of each. */
export const variantLabels: Readonly<Record<VariantName, string>> = {
  'dense-f32': 'every weight, 32 bits',
  'dense-f16': 'every weight, 16 bits',
  'int8-rtn': '8 bits, rounded',
  'int4-rtn': '4 bits, rounded',
  'int4-gptq': '4 bits, calibrated',
  'int3-rtn': '3 bits, rounded',
  'int3-gptq': '3 bits, calibrated',
  '2:4-magnitude': 'half of the weights, the largest',
  '2:4-wanda': 'half of the weights, the most used',
  '2:4-sparsegpt': 'half of the weights, calibrated',
  '2:4-sparsegpt+int4-gptq': 'half of the weights, 4 bits, calibrated',
};

export const isVariantName = (name: string): name is VariantName =>
  (variantNames as readonly string[]).includes(name);
