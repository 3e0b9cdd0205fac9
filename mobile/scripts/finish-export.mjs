// Finishes the web export in dist/: a service worker that names its files, and compressed copies.
// The same files give the same bytes, wherever and whenever this runs.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = new URL('../', import.meta.url).pathname;
const dist = join(root, 'dist');

const COMPRESSED = /\.(css|html|js|json|svg|txt|webmanifest)$/;
const LEAST_BYTES = 512;

// The list of Expo's own files for its hosting service.
rmSync(join(dist, 'metadata.json'), { force: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join('/'))
  .filter((name) => name !== 'sw.js' && !/\.(br|gz|map)$/.test(name))
  .sort();

const version = createHash('sha256');
for (const name of files) version.update(name).update('\0').update(readFileSync(join(dist, name)));

const worker = readFileSync(join(root, 'scripts', 'service-worker.js'), 'utf8')
  .replace("'%VERSION%'", JSON.stringify(version.digest('hex').slice(0, 16)))
  .replace("['%FILES%']", JSON.stringify(files));
writeFileSync(join(dist, 'sw.js'), worker);

for (const name of [...files, 'sw.js']) {
  const plain = readFileSync(join(dist, name));
  if (!COMPRESSED.test(name) || plain.length < LEAST_BYTES) continue;
  const brotli = brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
  writeFileSync(join(dist, `${name}.br`), brotli);
  writeFileSync(join(dist, `${name}.gz`), gzipSync(plain, { level: 9 }));
}
