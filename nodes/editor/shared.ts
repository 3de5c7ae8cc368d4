/** Owns what the editor's pages have in common: the build makes it one script, which each of them loads. Browser-safe. */
export * from '../../src/field';
export * from './defaults';
