// Fails if the first load of the app is larger than its budget: the page and what it names, gzipped (the larger of the
// two encodings), without the views that are loaded when they are opened.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 220_000;
const BASE = '/app/';

const dist = new URL('../dist/', import.meta.url).pathname;
const page = readFileSync(join(dist, 'index.html'), 'utf8');
const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
const loaded = named.filter((address) => address.startsWith(BASE)).map((address) => address.slice(BASE.length));
if (!loaded.some((name) => name.endsWith('.js'))) throw new Error('The page names no script.');

let total = 0;
for (const name of ['index.html', ...loaded]) {
  const plain = readFileSync(join(dist, name));
  const bytes = /\.(png|ico)$/.test(name) ? plain.length : gzipSync(plain, { level: 9 }).length;
  console.log(`${String(bytes).padStart(8)}  ${name}`);
  total += bytes;
}
console.log(`${String(total).padStart(8)}  first load, of ${BUDGET_BYTES} bytes`);
if (total > BUDGET_BYTES) process.exit(1);
