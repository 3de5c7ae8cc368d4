/** Owns what the editor's pages have in common: the build makes it one script, which each of them loads. Browser-safe. */
export { choice, decimal, flag, integer, parseSettings, text } from '../../src/settings/field';
export { defaultsFrom, propertyOf } from './defaults';
export { idOf, TOP } from './form';
export { openForm, saveForm, valuesOf } from './open-form';
export { buttonFor } from './press';
export { addTemplate } from './template';
