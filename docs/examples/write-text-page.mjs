import { openModelFolder, urlFiles } from '@tilewright/formats';
import { loadLanguageModel, openModel, writeText } from '@tilewright/models/all';
import { openDevice } from '@tilewright/runtime';
const opened = await openModel(await openModelFolder(urlFiles('models/shakespeare-1m')));
const model = await loadLanguageModel(await openDevice(), opened);
for await (const text of writeText(model, 'ROMEO:\n', { maxTokens: 60 })) document.body.append(text);
