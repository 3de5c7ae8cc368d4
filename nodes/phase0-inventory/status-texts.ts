/** Texts about inventories and their faults, as the runtime makes them in English. Browser-safe; a test compares. */
import { columns } from '../../src/inventory/columns';
import { keyOf, phrases, SHARED, type Phrase } from '../phrases';
import { VALIDATION_TEXTS } from '../validation-texts';

export const STATUS_TEXTS = {
  faults: 'faults in the inventory: __count__',
  devices: 'devices: __count__',
  notValid: 'the inventory is not valid: __problem__',
  notLoaded: 'no inventory has been loaded',
  row: 'row __row__: __problem__',
  more: 'and __count__ more',
  tooManyRows: 'there are __count__ rows, and __max__ are allowed',
  noRows: 'there are no rows: an inventory has at least one device',
  unknownColumn: 'unknown column __value__ (known: __columns__)',
  unknownColumnNear: 'unknown column __value__, did you mean __near__? (known: __columns__)',
  notUnique: 'device_id must be unique, and row __row__ has __value__ as well',
  otherReply: 'reply must be __reply__ as in row __row__, which shares its connection, not __value__',
  quotes: 'quotes: __problem__',
  cells: 'there are __count__ cells, and __columns__ columns in the header',
  noHeader: 'there must be a header row with the columns device_id and host (known: __columns__)',
  missingColumn: 'the column __column__ is missing',
  unnamed: 'column __column__ has no name',
  twice: 'two columns are named __value__',
  notJson: 'this is not JSON: __problem__',
  notAnArray: 'an inventory must be an array of objects, not __value__',
  notAnObject: 'a row must be an object, not __value__',
  tooLong: 'the file has __count__ bytes, and __max__ are allowed',
  utf16: 'the file is in UTF-16: save it as UTF-8',
  notText: 'the file is not text in UTF-8: save it as CSV UTF-8, or as JSON',
  unreadable: 'the file cannot be read: __problem__',
  tags: columns.tags.accepts,
} as const;

/** What a fault, or a status about an inventory, can be made of. Columns keep their names. */
export const INVENTORY_PHRASES: readonly Phrase[] = [
  ...phrases(STATUS_TEXTS, `${keyOf('phase0-inventory')}.status`),
  ...phrases(VALIDATION_TEXTS, `${SHARED}.validation`),
];
