/** Declarations of files that no public type of the library needs: they would only make the package larger. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Deletes them from the build of the library in `folder`. */
export function removeInternalDeclarations(folder) {
  const needed = new Set();
  addImports(join(folder, 'index.d.ts'), needed);
  const files = readdirSync(folder, { recursive: true }).map((file) => join(folder, file));
  for (const file of files) if (file.endsWith('.d.ts') && !needed.has(file)) rmSync(file);
}

function addImports(file, needed) {
  if (needed.has(file)) return;
  needed.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/\b(?:from|import\()\s*['"](\.[^'"]+)['"]/g);
  for (const [, path] of imports) addImports(`${join(dirname(file), path)}.d.ts`, needed);
}
