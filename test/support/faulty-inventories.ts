/** Faulty inventory files: how each comes about, and what its faults must say. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';

export interface FaultyInventory {
  readonly name: string;
  /** The end of the file name. */
  readonly extension?: 'csv' | 'json';
  /** What the file has, or what puts something else in its place. */
  readonly content: string | Buffer | ((path: string) => Promise<void>);
  /** The first faults, in order. */
  readonly faults: readonly RegExp[];
  /** How many faults there are, if more than those. */
  readonly count?: number;
  /** Reading happens as a user who is not root. */
  readonly asNobody?: true;
}

const csv = (...lines: readonly string[]) => `device_id,host\n${lines.join('\n')}\n`;
const cell = (column: string, value: string) => `device_id,host,${column}\na,10.0.0.1,${value}\n`;
const notUtf8 = /the file is not text in UTF-8/;

const FILES: readonly FaultyInventory[] = [
  { name: 'deleted', content: (path) => rm(path), faults: [/^the file cannot be read: ENOENT/] },
  {
    name: 'a directory in its place',
    content: async (path) => {
      await rm(path);
      await mkdir(path);
    },
    faults: [/^the file cannot be read: .+ is not a regular file/],
  },
  {
    name: 'a named pipe in its place',
    content: async (path) => {
      await rm(path);
      execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    },
    faults: [/^the file cannot be read: .+ is not a regular file/],
  },
  { name: 'a device in its place', content: linkTo('/dev/zero'), faults: [/is not a regular file/] },
  { name: 'a symbolic link to itself', content: linkTo(''), faults: [/^the file cannot be read: ELOOP/] },
  { name: 'a symbolic link to nothing', content: linkTo('/nowhere/devices.csv'), faults: [/ENOENT/] },
  {
    name: 'no permission',
    content: (path) => chmod(path, 0),
    faults: [/^the file cannot be read: EACCES/],
    asNobody: true,
  },
  {
    name: '100 MB',
    content: (path) => truncate(path, 100 * 1024 * 1024),
    faults: [/^the file cannot be read: .+ is larger than 8388608 bytes/],
  },
  { name: 'one byte too many', content: Buffer.alloc(8_388_609, 'a'), faults: [/is larger than 8388608 bytes/] },
  {
    name: 'UTF-16, little endian',
    content: utf16(csv('a,10.0.0.1')),
    faults: [/^the file is in UTF-16: save it as UTF-8/],
  },
  { name: 'UTF-16, big endian', content: utf16(csv('a,10.0.0.1')).swap16(), faults: [/^the file is in UTF-16/] },
  {
    name: 'UTF-16 without its mark',
    content: utf16(csv('a,10.0.0.1')).subarray(2),
    faults: [/^row 1: the file is not text/],
  },
  {
    name: 'Latin-1',
    content: Buffer.from(csv('a,10.0.0.1', 'küche,10.0.0.2'), 'latin1'),
    faults: [/^row 3: the file is not text/],
  },
  { name: 'binary', content: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]), faults: [notUtf8] },
  { name: 'a picture', content: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), faults: [notUtf8] },
  {
    name: 'a workbook',
    content: Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.from([0x14, 0xff, 0xfe])]),
    faults: [notUtf8],
  },
  {
    name: 'a character cut in two',
    content: Buffer.from(csv('a,10.0.0.1', 'ü')).subarray(0, -2),
    faults: [/^row 3: the file is not text/],
  },
  { name: 'a NUL', content: csv('a,10.0.0.1', 'b\0,10.0.0.2'), faults: [/^row 3: the file is not text/] },
];

const HEADERS: readonly FaultyInventory[] = [
  { name: 'empty', content: '', faults: [/^there must be a header row with the columns device_id and host/] },
  { name: 'blank lines alone', content: '\n \n\n', faults: [/^there must be a header row/] },
  { name: 'a BOM alone', content: '\uFEFF', faults: [/^there must be a header row/] },
  { name: 'no header', content: 'a,10.0.0.1\nb,10.0.0.2\n', faults: [/^row 1: there must be a header row/] },
  { name: 'the header alone', content: 'device_id,host\n', faults: [/^there are no rows/] },
  {
    name: 'an HTML page',
    content: '<!doctype html><html><p>404</p></html>',
    faults: [/^row 1: there must be a header row/],
  },
  {
    name: 'an unknown column',
    content: 'device_id,host,prot\na,10.0.0.1,9000\n',
    faults: [/^row 1: unknown column "prot", did you mean port\? \(known: device_id, host, port, .+, tags\)$/],
  },
  {
    name: 'an unknown column that resembles none',
    content: 'device_id,host,colour\na,10.0.0.1,red\n',
    faults: [/^row 1: unknown column "colour" \(known: /],
  },
  {
    name: 'a column in other letters',
    content: 'Device_ID,host\na,10.0.0.1\n',
    faults: [/^row 1: unknown column "Device_ID", did you mean device_id\?/, /^row 1: the column device_id is missing/],
  },
  { name: 'no device_id', content: 'host,port\n10.0.0.1,9000\n', faults: [/^row 1: the column device_id is missing$/] },
  { name: 'no host', content: 'device_id;port\na;9000\n', faults: [/^row 1: the column host is missing$/] },
  {
    name: 'a column twice',
    content: 'device_id,host,port,port\na,10.0.0.1,1,2\n',
    faults: [/^row 1: two columns are named "port"$/],
  },
  {
    name: 'a column without a name',
    content: 'device_id,,host\na,,10.0.0.1\n',
    faults: [/^row 1: column 2 has no name$/],
  },
  {
    name: 'a header after a text',
    content: 'My lamps\ndevice_id,host\na,10.0.0.1\n',
    faults: [/^row 1: there must be a header row/],
  },
  {
    name: '__proto__ as a column',
    content: 'device_id,host,__proto__\na,10.0.0.1,x\n',
    faults: [/^row 1: unknown column "__proto__"/],
  },
  {
    name: 'two delimiters in the header',
    content: 'device_id;host,port\na;10.0.0.1,9\n',
    faults: [/^row 1: unknown column "device_id;host"/, /device_id is missing/, /host is missing/],
  },
];

const ROWS: readonly FaultyInventory[] = [
  {
    name: 'an id twice',
    content: csv('a,10.0.0.1', 'b,10.0.0.2', 'a,10.0.0.3'),
    faults: [/^row 4: device_id must be unique, and row 2 has "a" as well$/],
  },
  {
    name: 'an id twice, with spaces around it',
    content: csv('a,10.0.0.1', ' a ,10.0.0.2'),
    faults: [/^row 3: device_id must be unique/],
  },
  { name: 'no id', content: csv(',10.0.0.1'), faults: [/^row 2: device_id is required: text of 1 to 128 characters$/] },
  { name: 'an id of spaces', content: csv('"  ",10.0.0.1'), faults: [/^row 2: device_id is required/] },
  {
    name: 'an id of 129 characters',
    content: csv(`${'x'.repeat(129)},10.0.0.1`),
    faults: [/^row 2: device_id must be text of 1 to 128 characters, not "xxx/],
  },
  {
    name: 'no host in one row',
    content: csv('a,10.0.0.1', 'b,'),
    faults: [/^row 3: host is required: a name or IP address/],
  },
  {
    name: 'a URL as host',
    content: csv('a,http://10.0.0.1/'),
    faults: [/^row 2: host must be a name or IP address .+, not "http:\/\/10.0.0.1\/"$/],
  },
  {
    name: 'a host with its port',
    content: csv('a,10.0.0.1:9000'),
    faults: [/^row 2: host must be .+, not "10.0.0.1:9000"$/],
  },
  { name: 'a reference to an environment variable', content: csv('a,${LAMP}'), faults: [/^row 2: host must be/] },
  {
    name: 'port 70000',
    content: cell('port', '70000'),
    faults: [/^row 2: port must be a whole number from 1 to 65535, not "70000"$/],
  },
  { name: 'port 0', content: cell('port', '0'), faults: [/^row 2: port must be .+, not "0"$/] },
  { name: 'port -1', content: cell('port', '-1'), faults: [/^row 2: port must be .+, not "-1"$/] },
  { name: 'port 9000.5', content: cell('port', '9000.5'), faults: [/^row 2: port must be .+, not "9000.5"$/] },
  { name: 'a formula as port', content: cell('port', '=9000+1'), faults: [/^row 2: port must be .+, not "=9000\+1"$/] },
  {
    name: 'an unknown reply policy',
    content: cell('reply', 'farmed'),
    faults: [/^row 2: reply must be one of auto, any, framed, not "farmed"$/],
  },
  {
    name: 'an unknown connection',
    content: cell('connection', 'kept'),
    faults: [/^row 2: connection must be one of per-toggle, persistent, not "kept"$/],
  },
  { name: 'tls yes', content: cell('tls', 'yes'), faults: [/^row 2: tls must be one of on, off, not "yes"$/] },
  {
    name: 'too many attempts',
    content: cell('maxAttempts', '11'),
    faults: [/^row 2: maxAttempts must be a whole number from 1 to 10, not "11"$/],
  },
  {
    name: 'tags with commas',
    content: cell('tags', '"hall,kitchen"'),
    faults: [/^row 2: tags must be words separated by spaces, .+, not "hall,kitchen"$/],
  },
  { name: 'tags with #', content: cell('tags', '#hall'), faults: [/^row 2: tags must be .+, not "#hall"$/] },
  {
    name: 'a row that is too long',
    content: csv('a,10.0.0.1,9000'),
    faults: [/^row 2: there are 3 cells, and 2 columns in the header$/],
  },
  {
    name: 'half-written, in the middle of a row',
    content: csv('a,10.0.0.1', 'b'),
    faults: [/^row 3: there are 1 cells, and 2 columns in the header$/, /^row 3: host is required/],
  },
  {
    name: 'half-written, in the middle of quotes',
    content: 'device_id,host\na,10.0.0.1\n"b,10.0',
    faults: [/^row 3: quotes: /],
  },
  { name: 'quotes inside a cell', content: csv('"a"b,10.0.0.1'), faults: [/^row 2: quotes: /] },
  {
    name: 'two reply policies on one connection',
    content: 'device_id,host,connection,reply\na,gw,persistent,framed\nb,gw,persistent,auto\n',
    faults: [/^row 3: reply must be framed as in row 2, which shares its connection, not auto$/],
  },
  {
    name: 'control characters',
    content: cell('port', '\u001b[2J'),
    faults: [/^row 2: port must be .+, not "\\u001b\[2J"$/],
  },
  {
    name: '30 faults',
    content: cell('port', 'x').concat(...Array.from({ length: 29 }, (_, n) => `b${n},h,x\n`)),
    faults: [/^row 2: port/, /^row 3: port/],
    count: 30,
  },
  {
    name: '10,001 rows',
    content: csv(...Array.from({ length: 10_001 }, (_, n) => `${n},h`)),
    faults: [/^there are 10001 rows, and 10000 are allowed$/],
  },
];

const JSONS: readonly FaultyInventory[] = (
  [
    { name: 'half-written JSON', content: '[{"device_id":"a","host":', faults: [/^this is not JSON: /] },
    { name: 'CSV in a JSON file', content: csv('a,10.0.0.1'), faults: [/^this is not JSON: /] },
    {
      name: 'an object',
      content: '{"device_id":"a","host":"h"}',
      faults: [/^an inventory must be an array of objects, not an object$/],
    },
    { name: 'null', content: 'null', faults: [/^an inventory must be an array of objects, not null$/] },
    { name: 'no rows', content: '[]', faults: [/^there are no rows/] },
    {
      name: 'a row that is a text',
      content: '[{"device_id":"a","host":"h"},"b"]',
      faults: [/^row 2: a row must be an object, not "b"$/],
    },
    {
      name: 'a row that is an array',
      content: '[["a","h"]]',
      faults: [/^row 1: a row must be an object, not an array$/, /^there are no rows/],
    },
    {
      name: 'an unknown name',
      content: '[{"device_id":"a","host":"h","hosts":1}]',
      faults: [/^row 1: unknown column "hosts", did you mean host\?/],
    },
    {
      name: '__proto__',
      content: '[{"device_id":"a","host":"h","__proto__":{}}]',
      faults: [/^row 1: unknown column "__proto__"/],
    },
    {
      name: 'a number as id',
      content: '[{"device_id":7,"host":"h"}]',
      faults: [/^row 1: device_id must be text of 1 to 128 characters, not 7$/],
    },
    {
      name: 'an object as port',
      content: '[{"device_id":"a","host":"h","port":{}}]',
      faults: [/^row 1: port must be .+, not an object$/],
    },
    {
      name: 'half a surrogate pair',
      content: '[{"device_id":"a\\ud800","host":"h"}]',
      faults: [/^row 1: device_id must be .+half of a surrogate pair/],
    },
    { name: 'arrays in arrays', content: '['.repeat(100_000), faults: [/^this is not JSON: /] },
  ] as const
).map((each) => ({ ...each, extension: 'json' as const }));

export const FAULTY_INVENTORIES: readonly FaultyInventory[] = [...FILES, ...HEADERS, ...ROWS, ...JSONS];

/** A link in the place of the file; to the file itself if `target` is empty. */
function linkTo(target: string): (path: string) => Promise<void> {
  return async (path) => {
    await rm(path);
    await symlink(target || path, path);
  };
}

function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}

/** Puts it in the place of a good file. */
export async function spoil(path: string, { content }: FaultyInventory): Promise<void> {
  if (typeof content === 'function') await content(path);
  else await writeFile(path, content);
}
