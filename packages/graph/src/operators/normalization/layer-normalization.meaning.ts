import type { OperatorMeaning } from '../meaning.ts';
import { layerNormalization } from './layer-normalization.ts';
import { normRows } from './rows-meaning.ts';

export const layerNormalizationMeaning: OperatorMeaning = {
  operator: layerNormalization,
  meaning: (context) => {
    const { x, columns, spread } = normRows(context);
    const [gain, bias] = [spread('Scale', 1), spread('B', 0)];
    const Y = new Float64Array(x.length);
    const Mean = new Float64Array(x.length / columns);
    const InvStdDev = new Float64Array(x.length / columns);
    for (let row = 0; row < Mean.length; row++) {
      const line = x.subarray(row * columns, (row + 1) * columns);
      const mean = line.reduce((sum, each) => sum + each, 0) / columns;
      const variance = line.reduce((sum, each) => sum + (each - mean) ** 2, 0) / columns;
      const inverse = 1 / Math.sqrt(variance + Number(context.attributes.epsilon));
      [Mean[row], InvStdDev[row]] = [mean, inverse];
      line.forEach((each, i) => {
        const at = row * columns + i;
        Y[at] = (each - mean) * inverse * gain[at]! + bias[at]!;
      });
    }
    return { Y, Mean, InvStdDev };
  },
};
