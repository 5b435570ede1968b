import { openModelFolderAt } from '@tilewright/formats/node';
import { loadLanguageModel, writeText } from '@tilewright/models';
import { openModel } from '@tilewright/models/all';
import type { Device } from '@tilewright/runtime';

/** What the model in `folder` writes, always choosing the likeliest token. */
export async function writeModelText(device: Device, folder: string): Promise<string> {
  const model = await loadLanguageModel(device, await openModel(await openModelFolderAt(folder)));
  let text = '';
  for await (const piece of writeText(model, 'ROMEO:', { maxTokens: 60, temperature: 0 })) text += piece;
  model.dispose();
  return text;
}
