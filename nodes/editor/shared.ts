/** Owns what the editor's pages have in common: the build makes it one script, which each of them loads. Browser-safe. */
export * from '../../src/field';
export * from '../saved';
export * from './defaults';
export * from './form';
export * from './open-form';
export * from './press';
export * from './template';
