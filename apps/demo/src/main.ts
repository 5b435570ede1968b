// The script a page includes.
import { TilewrightModel } from './tilewright-model.ts';

export { TilewrightModel };
// Two pages' scripts may both bring the element along.
if (!customElements.get('tilewright-model')) customElements.define('tilewright-model', TilewrightModel);
